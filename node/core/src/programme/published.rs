//! Programmes with the places that a hub published in the place of those in their files.
//!
//! The published list is proved to fit every screen first: a programme that it does not fit keeps
//! its own places and says why.

use super::definition::{Place, Places};
use super::{Finding, Programme, Programmes, check, fit};
use crate::text::Texts;

impl Programmes {
    /// The same programmes with these places, and what of them does not fit; a programme with
    /// findings keeps its places. No places at all change nothing.
    #[must_use]
    pub fn with_places(&self, places: &[Place]) -> (Self, Vec<Finding>) {
        let mut next = self.clone();
        let mut findings = Vec::new();
        if places.is_empty() {
            return (next, findings);
        }
        for programme in next.loaded.values_mut() {
            match programme.with_places(places, self.texts()) {
                Ok(changed) => *programme = changed,
                Err(found) => findings.extend(found),
            }
        }
        (next, findings)
    }
}

impl Programme {
    /// The same programme with these places.
    ///
    /// # Errors
    /// Findings where a screen or list would not fit.
    fn with_places(&self, places: &[Place], texts: &Texts) -> Result<Self, Vec<Finding>> {
        let changed = Self {
            places: Places {
                places: places.to_vec(),
                ..self.places.clone()
            },
            ..self.clone()
        };
        let mut findings = Vec::new();
        check::places_check(&changed.places, &mut findings);
        if findings.is_empty() {
            findings.extend(fit::check(&changed, texts));
        }
        if findings.is_empty() {
            Ok(changed)
        } else {
            Err(findings)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shipped;
    use super::*;
    use crate::programme::block::Block;

    fn place(n: usize, name: &str) -> Place {
        Place {
            code: format!("P{n}"),
            name: name.to_owned(),
            area: "north".to_owned(),
        }
    }

    #[test]
    fn published_places_take_the_place_of_the_files_where_they_fit() {
        let own = shipped().unwrap();
        let few = [place(1, "Kibo"), place(2, "Moto")];
        let (programmes, findings) = own.with_places(&few);
        assert_eq!(findings, Vec::new());
        for programme in programmes.iter() {
            assert_eq!(programme.places(), &few);
        }
        let (kept, findings) = own.with_places(&[]);
        assert_eq!(findings, Vec::new());
        assert!(kept.iter().all(|programme| programme.places().len() > 2));
    }

    #[test]
    fn a_list_that_fits_no_screen_leaves_the_programme_as_it_was() {
        let own = shipped().unwrap();
        let long = "a name that is far too long for any screen of any telephone ".repeat(4);
        let twice = [place(1, "Kibo"), place(1, "Moto")];
        for places in [[place(1, &long)].as_slice(), &twice] {
            let (programmes, findings) = own.with_places(places);
            assert!(!findings.is_empty());
            for (kept, before) in programmes.iter().zip(own.iter()) {
                // A programme that lists no places has no screen that a name could burst.
                let blocks = before.definition().dialogues.iter();
                let lists = blocks.flat_map(|one| &one.blocks).any(Block::lists_places);
                if lists || places.len() > 1 {
                    assert_eq!(kept.places(), before.places());
                }
            }
        }
    }
}
