//! Generates the client from the contract while building. How is in `build/`; without the feature `codegen`
//! there is nothing to do, because `src/generated.rs` then takes `spec/generated.rs`.

use std::process::ExitCode;

#[cfg(feature = "codegen")]
#[path = "build/mod.rs"]
mod generator;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "codegen")]
    if let Err(problem) = generate() {
        println!("cargo::error={problem}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(feature = "codegen")]
fn generate() -> Result<(), String> {
    use std::{env, fs, path::Path};

    const CONTRACT: &str = "spec/sign-v1.json";

    println!("cargo::rerun-if-changed={CONTRACT}");
    // File by file: a whole directory would be looked through at every build.
    for entry in fs::read_dir("build").map_err(|e| format!("build/: {e}"))? {
        let entry = entry.map_err(|e| format!("build/: {e}"))?;
        println!("cargo::rerun-if-changed={}", entry.path().display());
    }
    let contract = fs::read_to_string(CONTRACT).map_err(|e| format!("{CONTRACT}: {e}"))?;
    let text = generator::generate(&contract).map_err(|e| format!("{CONTRACT}: {e}"))?;
    let out_dir = env::var("OUT_DIR").map_err(|e| format!("OUT_DIR: {e}"))?;
    fs::write(Path::new(&out_dir).join("generated.rs"), text).map_err(|e| format!("generated.rs: {e}"))
}
