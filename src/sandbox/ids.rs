//! Ids and other values that only the service can make.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::hex::hex;

/// Makes values that look random and are not: the same seed gives the same values in the same order, so a test
/// can be repeated. Nobody who lacks the seed can guess the next one.
pub(super) struct Ids {
    seed: u64,
    made: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Ids {
        Ids { seed, made: 0 }
    }

    /// An id as the service makes them: the day (`ddmmyyyy`) and 50 digits of base 36.
    pub(super) fn id(&mut self, now: DateTime<Utc>) -> String {
        format!("{}{}", now.format("%d%m%Y"), self.secret())
    }

    /// An authentication artifact: 25 digits of base 36.
    pub(super) fn artifact(&mut self) -> String {
        self.secret().split_off(25)
    }

    /// What an access token or an address that only one person may know is made of.
    pub(super) fn secret(&mut self) -> String {
        base36(self.hash())
    }

    /// An id for a request, in the form of W3C Trace Context.
    pub(super) fn trace_id(&mut self) -> String {
        hex(&self.hash()[..16])
    }

    fn hash(&mut self) -> [u8; 32] {
        self.made += 1;
        Sha256::new()
            .chain_update(self.seed.to_be_bytes())
            .chain_update(self.made.to_be_bytes())
            .finalize()
            .into()
    }
}

/// All 256 bits in base 36: that takes 50 digits, as many as the service's own ids have.
fn base36(mut number: [u8; 32]) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    (0..50)
        .map(|_| {
            // Long division of the number by 36, a byte at a time.
            let remainder = number.iter_mut().fold(0_u16, |rest, byte| {
                let dividend = rest << 8 | u16::from(*byte);
                *byte = (dividend / 36) as u8; // fits: the rest is below 36
                dividend % 36
            });
            char::from(DIGITS[usize::from(remainder)])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_the_services_and_repeat_with_their_seed() {
        let now = DateTime::UNIX_EPOCH;
        let (mut one, mut same, mut other) = (Ids::new(7), Ids::new(7), Ids::new(8));
        let id = one.id(now);
        assert_eq!(id.len(), 58);
        assert!(
            id.starts_with("01011970") && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()),
            "{id}"
        );
        assert_eq!(id, same.id(now));
        assert_ne!(id, other.id(now));
        assert_ne!(id, one.id(now));
        assert_eq!(one.artifact().len(), 25);
        assert_eq!(one.trace_id().len(), 32);
    }

    #[test]
    fn base_36_is_exact() {
        let mut number = [0; 32];
        number[31] = 35;
        assert_eq!(base36(number).trim_end_matches('0'), "z");
        number[30] = 1; // 256 + 35 = 8 * 36 + 3
        assert_eq!(base36(number).trim_end_matches('0'), "38");
    }
}
