//! Blocks of code in a documentation, as rustdoc takes them for tests.

/// What tells rustdoc how to take a block of Rust, beside `edition…` and the codes of errors.
const WORDS: [&str; 6] = ["rust", "no_run", "should_panic", "compile_fail", "ignore", "standalone_crate"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Made {
    Run,
    /// Compiled only.
    Compiled,
    /// Must not compile.
    Refused,
    /// Rust, and left out.
    Ignored,
}

/// A block of Rust in a documentation.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Block {
    pub(crate) made: Made,
    /// What is compiled of it.
    pub(crate) whole: String,
    /// What of that a reader sees.
    pub(crate) seen: String,
    /// Where it begins, from 1.
    pub(crate) line: usize,
}

impl Block {
    /// Whether it is compiled, at least.
    pub(crate) fn is_example(&self) -> bool {
        matches!(self.made, Made::Run | Made::Compiled)
    }
}

/// All of a page, as rustdoc takes them.
pub(crate) fn blocks(docs: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Option<Block>)> = None;
    for (line, number) in docs.lines().zip(1..) {
        let bare = line.trim();
        let ticks = &bare[..bare.len() - bare.trim_start_matches('`').len()];
        open = match open {
            None if ticks.len() >= 3 => {
                let made = made(&bare[ticks.len()..]);
                Some((
                    ticks,
                    made.map(|made| Block { made, whole: String::new(), seen: String::new(), line: number }),
                ))
            }
            None => None,
            Some((fence, block)) if bare == ticks && ticks.len() >= fence.len() => {
                blocks.extend(block);
                None
            }
            Some((fence, mut block)) => {
                if let Some(block) = &mut block {
                    let is_hidden = bare == "#" || bare.starts_with("# ");
                    block.whole += if is_hidden { &bare[1..] } else { line };
                    block.whole.push('\n');
                    if !is_hidden {
                        block.seen += line;
                        block.seen.push('\n');
                    }
                }
                Some((fence, block))
            }
        };
    }
    blocks
}

/// What is made of a block with these words behind its ticks; nothing, if it is no Rust.
fn made(words: &str) -> Option<Made> {
    let words: Vec<_> = words.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let is_code = |word: &str| {
        word.strip_prefix('E').is_some_and(|number| number.chars().all(|digit| digit.is_ascii_digit()))
    };
    let is_known = |word: &&str| WORDS.contains(word) || word.starts_with("edition") || is_code(word);
    if !words.iter().all(is_known) {
        return None;
    }
    Some(match () {
        () if words.contains(&"ignore") => Made::Ignored,
        () if words.contains(&"compile_fail") => Made::Refused,
        () if words.contains(&"no_run") => Made::Compiled,
        () => Made::Run,
    })
}

#[cfg(test)]
mod tests {
    use super::{Made, blocks};

    #[test]
    fn a_block_is_what_its_words_say() {
        let docs = "Words.\n\n```\n# hidden\n#[derive(Debug)]\nseen();\n```\n```rust,no_run\na();\n```\n\
                    ```compile_fail,E0382\n```\n```ignore\n```\n```text\nno();\n```\n````console\n```\n````\n";
        let blocks = blocks(docs);
        let found: Vec<_> = blocks.iter().map(|block| (block.made, &*block.seen, block.line)).collect();
        let expected = [
            (Made::Run, "#[derive(Debug)]\nseen();\n", 3),
            (Made::Compiled, "a();\n", 8),
            (Made::Refused, "", 11),
            (Made::Ignored, "", 13),
        ];
        assert_eq!(found, expected);
        assert_eq!(blocks[0].whole, " hidden\n#[derive(Debug)]\nseen();\n");
    }
}
