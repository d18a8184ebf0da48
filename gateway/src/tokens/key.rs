//! A key with all that a token of it is held against.

use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Header, Validation, crypto};

/// How far another's clock may be off, in seconds.
pub(super) const LEEWAY: u64 = 30;
/// Bits of an RSA key: at least what RFC 7518 asks (section 3.3), at most what the library verifies.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
const ED25519_BYTES: usize = 32;

/// Why a key can't be used; says what is taken instead.
pub(super) type KeyError = &'static str;

/// Verifies tokens of one algorithm, so that no token can choose what its signature is held against.
pub(super) struct Key {
    /// Its `kid`, if it has one.
    pub(super) id: Option<String>,
    pub(super) key: DecodingKey,
    pub(super) validation: Validation,
}

impl Key {
    /// A secret for HS256.
    pub(super) fn secret(secret: &str) -> Self {
        Self::new(Algorithm::HS256, DecodingKey::from_secret(secret.as_bytes()))
    }

    /// A public key for `algorithm`, once it is sure to work.
    pub(super) fn public(algorithm: Algorithm, key: DecodingKey) -> Result<Self, KeyError> {
        match key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, .. } if !RSA_BITS.contains(&bits(n)) => {
                return Err("RSA keys of 2048 to 4096 bits");
            }
            DecodingKeyKind::SecretOrDer(bytes)
                if algorithm == Algorithm::EdDSA && bytes.len() != ED25519_BYTES =>
            {
                return Err("Ed25519 keys of 32 bytes");
            }
            _ => {}
        }
        // Refuses a point that is not on the curve; that the signature is none does not matter.
        match crypto::verify("", b"", &key, algorithm) {
            Ok(_) => Ok(Self::new(algorithm, key)),
            Err(_) => Err("RSA, P-256 or Ed25519 keys; this one is of another curve, or of none"),
        }
    }

    fn new(algorithm: Algorithm, key: DecodingKey) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        Self { id: None, key, validation }
    }

    /// Asks tokens for this issuer and this audience.
    pub(super) fn demanding(mut self, issuer: Option<&str>, audience: Option<&str>) -> Self {
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = issuer {
            self.validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = audience {
            self.validation.set_audience(&[audience]);
            required.push("aud");
        }
        self.validation.validate_aud = audience.is_some();
        self.validation.set_required_spec_claims(&required);
        self
    }

    /// Whether it may have signed a token with this header.
    pub(super) fn may_verify(&self, header: &Header) -> bool {
        let of_other_id = matches!((&self.id, &header.kid), (Some(own), Some(named)) if own != named);
        self.validation.algorithms.contains(&header.alg) && !of_other_id
    }
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let leading = number.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    8 * (number.len() - zeros) - leading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_first_that_is_set() {
        assert_eq!([bits(&[]), bits(&[0, 0]), bits(&[0, 1, 0]), bits(&[0x80, 0])], [0, 0, 9, 16]);
    }
}
