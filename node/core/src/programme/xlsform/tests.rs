//! Forms as their tools write them: workbooks built here, read and checked as programmes.

use std::fmt::Write;

use super::*;
use crate::programme::{SERVICE_FILE, Source, compile};

type Sheet<'a> = (&'a str, &'a [&'a [&'a str]]);

/// CRC-32 as ZIP files have it.
fn crc(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (0xEDB8_8320 * low);
        }
    }
    !crc
}

/// A ZIP file whose members are stored as they are.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let at = u32::try_from(out.len()).unwrap();
        let size = u32::try_from(text.len()).unwrap().to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        head.extend(crc(text.as_bytes()).to_le_bytes());
        head.extend([size, size].concat());
        head.extend([length, [0, 0]].concat());
        out.extend(b"PK\x03\x04");
        out.extend(&head);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = u32::try_from(out.len()).unwrap();
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A workbook with these sheets, their cells as inline strings.
fn workbook(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let kind = "application/vnd.openxmlformats";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let mut types = format!(
        "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"{kind}-package.relationships+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{kind}-officedocument.spreadsheetml.sheet.main+xml\"/>"
    );
    let (mut list, mut links, mut files) = (String::new(), String::new(), Vec::new());
    for (index, (name, rows)) in (1..).zip(sheets) {
        write!(types, "<Override PartName=\"/xl/worksheets/sheet{index}.xml\" ContentType=\"{kind}-officedocument.spreadsheetml.worksheet+xml\"/>").unwrap();
        write!(
            list,
            "<sheet name=\"{name}\" sheetId=\"{index}\" r:id=\"rId{index}\"/>"
        )
        .unwrap();
        write!(links, "<Relationship Id=\"rId{index}\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet{index}.xml\"/>").unwrap();
        let mut data = String::new();
        for (row, cells) in (1..).zip(*rows) {
            write!(data, "<row r=\"{row}\">").unwrap();
            for (column, cell) in ('A'..='Z').zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
                write!(
                    data,
                    "<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{}</t></is></c>",
                    escaped(cell)
                )
                .unwrap();
            }
            data.push_str("</row>");
        }
        let sheet =
            format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>");
        files.push((format!("xl/worksheets/sheet{index}.xml"), sheet));
    }
    types.push_str("</Types>");
    files.push(("[Content_Types].xml".to_owned(), types));
    files.push(("_rels/.rels".to_owned(), format!("<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>")));
    files.push((
        "xl/workbook.xml".to_owned(),
        format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{list}</sheets></workbook>"
        ),
    ));
    files.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!("<Relationships xmlns=\"{package}/relationships\">{links}</Relationships>"),
    ));
    zip(&files)
}

const SURVEY: &[&[&str]] = &[
    &[
        "type",
        "name",
        "label::English (en)",
        "label::Swahili (sw)",
        "relevant",
        "constraint",
        "calculation",
        "repeat_count",
    ],
    &["start", "start"],
    &["note", "hello", "Visit of a household.", "Ziara ya kaya."],
    &["text", "Head", "Name of the head?", "Jina la mkuu?"],
    &["select_one water", "water", "Which water?", "Maji gani?"],
    &["begin group", "well", "", "", "${water} = 'well'"],
    &[
        "integer",
        "depth",
        "How deep is it?",
        "Kina gani?",
        "",
        ". >= 1 and . <= 90",
    ],
    &["end group"],
    &[
        "integer",
        "children",
        "How many children?",
        "Watoto wangapi?",
        "",
        ". <= 5",
    ],
    &["begin repeat", "child", "", "", "", "", "", "${children}"],
    &[
        "text",
        "child_name",
        "Name of this child?",
        "Jina la mtoto?",
    ],
    &[
        "select_multiple signs",
        "signs",
        "Which signs has ${child_name}?",
        "Dalili za ${child_name}?",
    ],
    &[
        "integer",
        "fever_days",
        "Days of fever?",
        "Siku za homa?",
        "selected(${signs}, 'fever') and ${children} > 0",
    ],
    &["end repeat"],
    &[
        "calculate",
        "total",
        "",
        "",
        "",
        "",
        "${children} + ${depth}",
    ],
    &[
        "date",
        "visit_day",
        "Day of the visit?",
        "Siku ya ziara?",
        "not(${water} = 'none')",
    ],
    &["geopoint", "place", "Where is it?", "Wapi?"],
    &[
        "decimal",
        "litres",
        "Litres a day?",
        "",
        "string-length(${Head}) > 3",
    ],
];
const CHOICES: &[&[&str]] = &[
    &[
        "list_name",
        "name",
        "label::English (en)",
        "label::Swahili (sw)",
    ],
    &["water", "well", "A well", "Kisima"],
    &["water", "river", "A river", "Mto"],
    &["water", "none", "None", "Hakuna"],
    &["signs", "fever", "Fever", "Homa"],
    &["signs", "cough", "Cough", "Kikohozi"],
];
const SETTINGS: &[&[&str]] = &[
    &["form_title", "form_id", "version", "default_language"],
    &["Household visit", "visit", "7", "English (en)"],
];

fn imported() -> Imported {
    let sheets = [
        ("survey", SURVEY),
        ("choices", CHOICES),
        ("settings", SETTINGS),
    ];
    import(&workbook(&sheets), "visit").unwrap()
}

#[test]
fn a_form_becomes_a_programme_without_findings() {
    let source = imported().source.with_places(Source::shipped_places());
    let programme = match compile(&source) {
        Ok(programme) => programme,
        Err(findings) => panic!("{findings:#?}\n{}", source.files[SERVICE_FILE]),
    };
    assert_eq!((programme.code(), programme.version()), ("visit", 7));
    let languages: Vec<&str> = programme
        .languages()
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(languages, ["en", "sw"]);
    let dialogue = programme.dialogue("form").unwrap();
    // The loop is written out, once a round.
    for code in [
        "hello",
        "head",
        "water",
        "depth",
        "child-name#1",
        "signs#5",
        "fever-days#2",
        "total",
        "visit-day",
    ] {
        assert!(dialogue.block(code).is_some(), "{code} is missing");
    }
    let text = &source.files[SERVICE_FILE];
    assert!(
        text.contains("when = { answer = \"water\", is = \"well\" }"),
        "{text}"
    );
    assert!(text.contains("min = 1\nmax = 90"), "{text}");
    assert!(
        text.contains("value = { sum = [\"children\", \"depth\"] }"),
        "{text}"
    );
    assert!(source.files["texts/en.ftl"].contains("signs = Which signs has { $child_name }?"));
    assert!(source.files["texts/sw.ftl"].contains("water-choice-1 = Kisima"));
}

#[test]
fn what_cannot_be_carried_over_is_listed_with_its_row() {
    let remarks = imported().remarks;
    let told: Vec<(usize, &str)> = remarks
        .iter()
        .map(|one| (one.row, one.text.as_str()))
        .collect();
    let check = |row: usize, part: &str| {
        assert!(
            told.iter()
                .any(|(at, text)| *at == row && text.contains(part)),
            "{row} {part}: {told:#?}"
        );
    };
    check(2, "start is left out");
    check(17, "geopoint cannot be asked");
    check(18, "relevant is left out, write it by hand: string-length");
    check(18, "no label in sw");
    assert_eq!(told.len(), 4, "{told:#?}");
}

#[test]
fn unusual_forms_give_remarks_and_no_panic() {
    let survey: &[&[&str]] = &[
        &[
            "type",
            "name",
            "label",
            "repeat_count",
            "calculation",
            "constraint",
            "hint",
        ],
        &["select_one nolist", "a", "A?"],
        &["text", "1st", "Curly { ${b} } text?", "", "", "", "A hint"],
        &["text", "1st", "Again?"],
        &["begin repeat", "r", "R", "3"],
        &["calculate", "c", "", "", "pow(2, 3)"],
        &["end repeat"],
        &["integer", "n", "N?", "", "", "regex(., '[0-9]')"],
        &["end group"],
        &["end repeat"],
    ];
    let imported = import(&workbook(&[("survey", survey)]), "odd").unwrap();
    let rows: Vec<usize> = imported.remarks.iter().map(|one| one.row).collect();
    assert_eq!(rows, [2, 3, 4, 5, 6, 8], "{:#?}", imported.remarks);
    let source = imported.source.with_places(Source::shipped_places());
    let findings = compile(&source).err().unwrap_or_default();
    assert!(findings.is_empty(), "{findings:#?}\n{source:#?}");
}

#[test]
fn other_files_are_refused() {
    assert!(matches!(
        import(b"no workbook", "x"),
        Err(XlsFormError::Workbook(_))
    ));
    assert!(matches!(
        import(&workbook(&[("Sheet1", SURVEY)]), "x"),
        Err(XlsFormError::Survey)
    ));
    let long: Vec<&[&str]> = vec![&["note", "x", "y"]; FORM_ROWS_MAX + 1];
    assert!(matches!(
        import(&workbook(&[("survey", &long)]), "x"),
        Err(XlsFormError::TooLong)
    ));
    let large = vec![0; FORM_BYTES_MAX + 1];
    assert!(matches!(import(&large, "x"), Err(XlsFormError::TooLarge)));
    let whole = workbook(&[("survey", SURVEY)]);
    for end in (0..whole.len()).step_by(97) {
        // A cut file has no directory at its end, so nothing of it is read.
        assert!(import(&whole[..end], "x").is_err(), "cut at {end}");
    }
}
