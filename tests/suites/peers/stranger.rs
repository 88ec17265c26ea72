//! A stranger at a real browser, who knows the page's address and reads what is visible on it.

use tests::peer::Skip;

pub(crate) fn a_stranger_reaches_accepted_using_only_the_page() -> Result<(), Skip> {
    Ok(())
}

pub(crate) fn a_stranger_without_script_reaches_accepted_by_reloading() -> Result<(), Skip> {
    Ok(())
}
