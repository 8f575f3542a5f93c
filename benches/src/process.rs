//! What Linux tells of this process.

use std::fs;

use anyhow::{Context, Result};

/// Memory that is in use, and the most that ever was, in KiB.
pub fn resident() -> Result<(u64, u64)> {
    let status = fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|value| value.parse().ok());
        value.with_context(|| format!("/proc/self/status has no {name}"))
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// Nanoseconds that the main thread was on a core.
pub fn on_core() -> Result<u64> {
    let told = fs::read_to_string("/proc/self/schedstat")?;
    told.split(' ').next().and_then(|value| value.parse().ok()).context("/proc/self/schedstat is unreadable")
}
