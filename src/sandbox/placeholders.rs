//! The placeholders in addresses and texts: `${orderId}`, `${taskId}` and their like.

/// The text with the placeholders filled in that are known. Others stay as they are.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (value, after))
        });
        match known {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push_str("${");
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in_once() {
        let values = [("taskId", "kari"), ("requestId", "${taskId}")];
        for (text, expected) in [
            ("https://shop.example/?r=${requestId}&t=${taskId}", "https://shop.example/?r=${taskId}&t=kari"),
            ("${taskId", "${taskId"),
            ("${nobody} ${taskId}", "${nobody} kari"),
            ("${${taskId}}", "${kari}"),
            ("$taskId {taskId} $", "$taskId {taskId} $"),
        ] {
            assert_eq!(fill(text, &values), expected);
        }
    }
}
