//! Fields of an `application/x-www-form-urlencoded` body (URL Living Standard §5.1), bounded.

use super::{BODY_OCTETS_MAX, Reason, Refused};

/// Most fields of a form; more are refused. The longest known notification has twelve.
const FIELDS_MAX: usize = 32;

/// A wanted field, decoded.
pub(super) struct Field {
    name: &'static str,
    /// The value.
    pub(super) text: String,
    /// The octet of the body where the value begins.
    pub(super) offset: usize,
}

/// The wanted fields of a form.
pub(super) struct Fields(Vec<Field>);

impl Fields {
    /// Decodes the body and keeps the wanted names.
    pub(super) fn parse(body: &[u8], wanted: &[&'static str]) -> Result<Self, Refused> {
        let (limit, got) = (BODY_OCTETS_MAX, body.len());
        if got > limit {
            return Err(Refused {
                reason: Reason::TooLarge { limit, got },
                offset: limit,
            });
        }
        let mut fields: Vec<Field> = Vec::new();
        let mut offset = 0_usize;
        for (count, pair) in body.split(|&octet| octet == b'&').enumerate() {
            if count >= FIELDS_MAX {
                return Err(Refused {
                    reason: Reason::TooManyFields(FIELDS_MAX),
                    offset,
                });
            }
            let length = pair
                .iter()
                .position(|&octet| octet == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at(length);
            let value = value.strip_prefix(b"=").unwrap_or(value);
            let name_text = decode(name, offset)?;
            let value_offset = offset
                .saturating_add(pair.len())
                .saturating_sub(value.len());
            let value_text = decode(value, value_offset)?;
            if let Some(&name) = wanted.iter().find(|&&wanted| wanted == name_text) {
                if fields.iter().any(|field| field.name == name) {
                    return Err(Refused {
                        reason: Reason::Doubled(name),
                        offset,
                    });
                }
                fields.push(Field {
                    name,
                    text: value_text,
                    offset: value_offset,
                });
            }
            offset = offset.saturating_add(pair.len()).saturating_add(1);
        }
        Ok(Self(fields))
    }

    /// Takes a value with its place; `None` when the field is missing.
    pub(super) fn take(
        &mut self,
        name: &'static str,
        octets_max: usize,
    ) -> Result<Option<Field>, Refused> {
        let Some(place) = self.0.iter().position(|field| field.name == name) else {
            return Ok(None);
        };
        let field = self.0.swap_remove(place);
        if field.text.len() > octets_max {
            return Err(Refused {
                reason: Reason::TooLong(name),
                offset: field.offset,
            });
        }
        Ok(Some(field))
    }

    /// Takes a value that may be missing.
    pub(super) fn optional(
        &mut self,
        name: &'static str,
        octets_max: usize,
    ) -> Result<Option<String>, Refused> {
        Ok(self.take(name, octets_max)?.map(|field| field.text))
    }

    /// Takes a value that must be there and hold something.
    pub(super) fn required(
        &mut self,
        name: &'static str,
        octets_max: usize,
    ) -> Result<String, Refused> {
        self.optional(name, octets_max)?
            .filter(|text| !text.is_empty())
            .ok_or(Refused {
                reason: Reason::Missing(name),
                offset: 0,
            })
    }
}

/// Percent-decodes one name or value: `+` is a blank, `%` begins two hexadecimal digits.
fn decode(octets: &[u8], offset: usize) -> Result<String, Refused> {
    let mut decoded = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&octet, after)) = rest.split_first() {
        let at = offset.saturating_add(octets.len().saturating_sub(rest.len()));
        rest = after;
        match octet {
            b'+' => decoded.push(b' '),
            b'%' => {
                let (pair, later) = after.split_first_chunk::<2>().ok_or(Refused {
                    reason: Reason::PercentEscape,
                    offset: at,
                })?;
                let value = hexadecimal(*pair).ok_or(Refused {
                    reason: Reason::PercentEscape,
                    offset: at,
                })?;
                decoded.push(value);
                rest = later;
            }
            _ => decoded.push(octet),
        }
    }
    String::from_utf8(decoded).ok().ok_or(Refused {
        reason: Reason::NotUtf8,
        offset,
    })
}

fn hexadecimal(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}
