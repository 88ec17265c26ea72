//! Seeds of posted forms, headers, alphabets and parts.

use super::form;

const STEP: &str = "sessionId=ATUid_1&phoneNumber=%2B256772000001&networkCode=63902&serviceCode=*384%23&text=1*Amina";

pub(super) fn forms() -> Vec<Vec<u8>> {
    let conversation = ["", "1", "1*Amina", "1", "1*Amina*17051994", "2*x*y"]
        .map(|text| format!("sessionId=a&phoneNumber=256772000001&text={text}"))
        .join("\n");
    let ends = "\nsessionId=a&phoneNumber=256772000001&status=Incomplete\
                \nsessionId=b&phoneNumber=256772000001&status=Success";
    let many = "a=1&".repeat(33);
    let long = format!("sessionId={}&phoneNumber=256772000001", "s".repeat(129));
    // Only its length counts; one octet repeats, so that the repository stays small.
    let large = "t".repeat(8 * 1024 + 1);
    let steps = [
        STEP,
        "sessionId=a&phoneNumber=0772&text=",
        "sessionId=a&sessionId=b&phoneNumber=256772000001",
        "sessionId=%4&phoneNumber=256772000001",
        "sessionId=%FF&phoneNumber=256772000001",
        "phoneNumber=256772000001&text=1",
        &many,
        &long,
        &large,
    ];
    let mut inputs: Vec<Vec<u8>> = steps.iter().map(|body| form(0, body)).collect();
    inputs.extend([
        form(
            1,
            "sessionId=a&phoneNumber=%2B256772000001&serviceCode=*384%23&status=Success",
        ),
        form(1, "sessionId=a&phoneNumber=256772000001&status=Failed"),
        form(
            2,
            "from=%2B256772000001&to=384&text=REVIEW-NO+1&date=2026-05-17T09%3A00%3A00Z",
        ),
        form(
            2,
            "from=MTN&to=384&text=%C3%A9t%C3%A9&date=2026-05-17+09:00:00",
        ),
        form(3, "id=42&status=Success&phoneNumber=256772000001"),
        form(3, "id=42&status=Buffered"),
        form(4, format!("{conversation}{ends}")),
    ]);
    inputs
}

pub(super) fn segments() -> Vec<Vec<u8>> {
    let long = "Amina is born. ".repeat(12);
    let arabic = "أمينة ولدت اليوم ".repeat(6);
    let unplaceable = "x".repeat(160 * 21);
    let mut inputs = vec![
        form(0, [5, 0, 3, 7, 3, 2, b'x']),
        form(0, [6, 8, 4, 1, 2, 3, 1, b'x', b'y']),
        form(0, [3, 0x24, 1, 6, b'x']),
        form(0, [6, 0x24, 1, 1, 0x25, 1, 1, b'x']),
        form(0, [4, 4, 2, 0xF0, 1, b'x']),
        form(0, [6, 5, 4, 0x12, 0x34, 0, 1, b'x']),
        form(0, [9, 4, 2, 1, 2, 0, 3, 7, 2, 2, b'x']),
        form(0, [10, 0, 3, 7, 2, 1, 0, 3, 8, 2, 1, b'x']),
        form(0, [9, 0, 3]),
        form(1, [0x1B, 0x65, 0x1B, 0x1B, 0x1B]),
        form(1, [0x80, 0x41]),
        form(1, [0xD8, 0x3D, 0xDE, 0x00]),
        form(1, [0xD8, 0x3D, 0x00]),
        form(2, [0, 0xAA, 0x18, 0x2C, 0x36, 0x02]),
        form(2, [1, 0x0D, 0x0D, 0x0D, 0x0D, 0x0D, 0x0D, 0x1A]),
        form(
            4,
            [
                0, 2, 1, b'a', 0, 0, 2, 1, b'b', 0, 0, 2, 2, 0x80, 0, 0, 2, 2, 0x80, 30,
            ],
        ),
        form(
            4,
            [
                1, 2, 1, b'a', 0, 1, 2, 2, b'b', 0, 1, 2, 2, b'b', 0, 1, 2, 2, b'c', 0,
            ],
        ),
        form(4, [1, 2, 3, b'a', 0, 1, 0, 0, b'a', 0, 1, 255, 1, b'a', 0]),
    ];
    let hindi = "नमस्ते ".repeat(30);
    inputs.push(form(3, [&[7, 0xF6], hindi.as_bytes()].concat()));
    inputs.push(form(3, [&[7, 0xF6], "नमस्ते".as_bytes()].concat()));
    for text in ["", "5 €", &long, &arabic, &unplaceable] {
        inputs.push(form(3, [&[7, 1], text.as_bytes()].concat()));
    }
    inputs
}
