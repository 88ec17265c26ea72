//! The simple kinds of XLSForm expressions: conditions joined by one word, and ranges.

/// Gives the name of an answer for the name of a question.
type Names<'a> = dyn Fn(&str) -> Option<String> + 'a;
/// Lowest and highest number, where there is one.
type Limits = (Option<u32>, Option<u32>);

/// A condition as TOML (`{ answer = "age", less = "18" }`); `None` when it is of another kind.
///
/// `names` gives the name of an answer for the name of a question.
pub(super) fn condition(text: &str, names: &Names<'_>) -> Option<String> {
    let text = text.trim();
    if let Some(inner) = text
        .strip_prefix("not(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return Some(format!("{{ not = {} }}", condition(inner, names)?));
    }
    for (word, key) in [(" or ", "any"), (" and ", "all")] {
        if text.contains(word) {
            // Mixed words need brackets, which are of another kind.
            let parts: Option<Vec<String>> = text
                .split(word)
                .map(|part| condition(part, names))
                .collect();
            return Some(format!("{{ {key} = [{}] }}", parts?.join(", ")));
        }
    }
    if let Some(inner) = text
        .strip_prefix("selected(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let (question, value) = inner.split_once(',')?;
        let name = names(reference(question)?)?;
        return Some(format!(
            "{{ answer = {}, has = {} }}",
            quoted(&name),
            quoted(&literal(value)?)
        ));
    }
    comparison(text, names)
}

fn comparison(text: &str, names: &Names<'_>) -> Option<String> {
    // The longer signs first, so that `<=` is not read as `<`.
    let signs = ["!=", "<=", ">=", "=", "<", ">"];
    let (sign, (left, right)) = signs
        .iter()
        .find_map(|sign| Some((*sign, text.split_once(sign)?)))?;
    let name = quoted(&names(reference(left)?)?);
    let value = quoted(&literal(right)?);
    Some(match sign {
        "=" => format!("{{ answer = {name}, is = {value} }}"),
        "!=" => format!("{{ not = {{ answer = {name}, is = {value} }} }}"),
        "<" => format!("{{ answer = {name}, less = {value} }}"),
        ">" => format!("{{ answer = {name}, more = {value} }}"),
        "<=" => format!(
            "{{ answer = {name}, given = true, not = {{ answer = {name}, more = {value} }} }}"
        ),
        _ => format!(
            "{{ answer = {name}, given = true, not = {{ answer = {name}, less = {value} }} }}"
        ),
    })
}

/// Lowest and highest number of `. >= 0 and . <= 120`; `None` when it is of another kind.
pub(super) fn range(text: &str) -> Option<Limits> {
    let (mut min, mut max) = (None, None);
    for part in text.split(" and ") {
        let part = part.trim().strip_prefix('.')?.trim();
        let (low, number) = match (part.strip_prefix(">="), part.strip_prefix("<=")) {
            (Some(number), _) => (true, number.trim().parse::<u32>().ok()?),
            (_, Some(number)) => (false, number.trim().parse::<u32>().ok()?),
            _ => match (part.strip_prefix('>'), part.strip_prefix('<')) {
                (Some(number), _) => (true, number.trim().parse::<u32>().ok()?.checked_add(1)?),
                (_, Some(number)) => (false, number.trim().parse::<u32>().ok()?.checked_sub(1)?),
                _ => return None,
            },
        };
        if low {
            min = Some(number);
        } else {
            max = Some(number);
        }
    }
    Some((min, max))
}

/// The operands of `${a} + ${b}` or `${a} - ${b}`, and whether it is a sum.
pub(super) fn sum(text: &str, names: &Names<'_>) -> Option<(bool, Vec<String>)> {
    let operands = |sign: char| {
        let parts = text.split(sign).map(|part| names(reference(part)?));
        parts.collect::<Option<Vec<String>>>()
    };
    if text.contains('+') {
        return Some((true, operands('+')?));
    }
    let operands = operands('-')?;
    (operands.len() == 2).then_some((false, operands))
}

/// The name in `${name}`.
pub(super) fn reference(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains(['{', '}', ' '])).then_some(name)
}

/// What stands between quotes, or a number.
fn literal(text: &str) -> Option<String> {
    let text = text.trim();
    let quoted = |sign: char| text.strip_prefix(sign)?.strip_suffix(sign);
    if let Some(inner) = quoted('\'').or_else(|| quoted('"')) {
        return (!inner.contains(['\'', '"'])).then(|| inner.to_owned());
    }
    text.parse::<i64>().ok().map(|number| number.to_string())
}

/// A text as TOML spells it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
