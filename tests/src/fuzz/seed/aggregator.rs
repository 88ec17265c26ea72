//! Seeds of requests in dialects, answers and callbacks of SMS APIs, and descriptions.

use super::form;

const SENDEXA: &str = r#"{"sessionId":"s","phone":"256772000001","serviceCode":"*384#","type":"new","input":null,"timestamp":"t0"}"#;
const DIALECT: &str = include_str!("../../../../channels/core/src/ussd_json/dialects/sendexa.json");
const API: &str = include_str!("../../../../channels/core/src/sms_api/apis/json.json");

pub(super) fn dialects() -> Vec<Vec<u8>> {
    let answer = SENDEXA.replace("new", "continue").replace("null", "\"1\"");
    let oltranz = r#"{"sessionId":7,"phoneNumber":256772000001,"text":"","response":"","action":"CON","requestTime":"t0","newRequest":0}"#;
    let ideamart = r#"{"sessionId":"1","sourceAddress":"tel:94771234567","message":"*345#","requestId":"r","ussdOperation":"mo-init"}"#;
    let hollatags =
        "session_id=1&session_msisdn=2347000000000&session_msg=*7%23&session_operation=begin";
    let large = "t".repeat(8 * 1024 + 1);
    let conversation = [SENDEXA, SENDEXA, &answer, &answer.replace("t0", "t1")].join("\n");
    vec![
        form(0, conversation),
        form(0, SENDEXA.replace("new", "end")),
        form(0, SENDEXA.replace("new", "old")),
        form(0, SENDEXA.replace("sessionId", "session")),
        form(
            0,
            SENDEXA.replace("\"s\"", &format!("\"{}\"", "s".repeat(129))),
        ),
        form(0, "[1]"),
        form(0, large),
        form(1, oltranz),
        form(2, ideamart),
        form(2, ideamart.replace("mo-init", "mo-cont")),
        form(3, hollatags),
        form(3, format!("{hollatags}&session_id=2")),
        form(3, "session_id=%4"),
        form(4, DIALECT),
        form(4, DIALECT.replace("post", "get")),
        form(4, "{}"),
        form(4, " ".repeat(16 * 1024 + 1)),
        form(5, r#"{"statusCode":"S1000"}"#),
    ]
}

pub(super) fn apis() -> Vec<Vec<u8>> {
    let talking = |status: &str| {
        format!(
            r#"{{"SMSMessageData":{{"Recipients":[{{"status":"{status}","messageId":"m1"}}]}}}}"#
        )
    };
    let answered = |form_number: u8, status: u16, body: &str| {
        form(
            form_number,
            [&status.to_be_bytes()[..], body.as_bytes()].concat(),
        )
    };
    let accepted = r#"{"message":{"status":"accepted","id":"x"}}"#;
    vec![
        answered(0, 201, &talking("Success")),
        answered(0, 200, &talking("InsufficientBalance")),
        answered(0, 200, &talking("GatewayError")),
        answered(0, 200, &talking("UserInBlacklist")),
        answered(0, 500, ""),
        answered(8, 200, accepted),
        form(9, accepted),
        form(2, "id=m1&status=Success"),
        form(2, "id=m1&status=Expired"),
        form(2, "id=m1&status=Buffered"),
        form(2, "status=Success"),
        form(10, r#"{"id":"x","reference":"00ff","status":"delivered"}"#),
        form(
            3,
            "from=%2B256772000001&to=384&text=1&date=2026-05-17+09:00:00",
        ),
        form(3, "from=MTN&to=384&text=1&date=yesterday"),
        form(
            11,
            r#"{"from":"+256772000001","to":"384","text":"1","date":"2026-05-17T09:00:00Z"}"#,
        ),
        form(11, "{}"),
        form(4, API),
        form(4, API.replace("reference", "ref")),
    ]
}
