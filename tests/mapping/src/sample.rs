//! The benchmark's rows and mappings, and the two engines that map them: text in, text out.
#![expect(clippy::expect_used, reason = "the samples are right, or tests fail")]

use mapping::{Action, Change, Compiled, Event, Index, Scratch};

use crate::plain::{self, Js, Plain};

const MESSAGE_ID: &str = "bh-0123456789abcdef0123456789abcdef";

/// A mapping of the benchmark.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// What it shows.
    pub name: &'static str,
    /// The call it makes.
    pub action: Action,
    /// The mapping, as JSON.
    pub mapping: &'static str,
}

/// The benchmark's mappings: only paths, many and few; templates and conditions; Liquid.
pub const SAMPLES: [Sample; 4] = [
    Sample {
        name: "identify_paths",
        action: Action::Identify,
        mapping: r#"{
            "user_id": {"@path": "$.properties.customer_id"},
            "anonymous_id": {"@path": "$.properties.device_id"},
            "timestamp": {"@path": "$.properties.updated_at"},
            "group_id": {"@path": "$.properties.account_id"},
            "traits": {
                "email": {"@path": "$.properties.email"},
                "first_name": {"@path": "$.properties.first_name"},
                "last_name": {"@path": "$.properties.last_name"},
                "phone": {"@path": "$.properties.phone"},
                "plan": {"@path": "$.properties.plan"},
                "mrr": {"@path": "$.properties.mrr"},
                "logins": {"@path": "$.properties.logins"},
                "is_active": {"@path": "$.properties.is_active"},
                "tags": {"@path": "$.properties.tags"},
                "created_at": {"@path": "$.properties.created_at"}
            },
            "address": {
                "street": {"@path": "$.properties.street"},
                "city": {"@path": "$.properties.city"},
                "country": {"@path": "$.properties.country"}
            }
        }"#,
    },
    Sample {
        name: "track_paths",
        action: Action::Track,
        mapping: r#"{
            "user_id": {"@path": "$.properties.customer_id"},
            "timestamp": {"@path": "$.properties.updated_at"},
            "event_name": "Plan Changed",
            "properties": {
                "plan": {"@path": "$.properties.plan"},
                "mrr": {"@path": "$.properties.mrr"},
                "logins": {"@path": "$.properties.logins"},
                "is_active": {"@path": "$.properties.is_active"},
                "tags": {"@path": "$.properties.tags"},
                "source": "warehouse"
            },
            "ip_address": {"@path": "$.properties.ip"}
        }"#,
    },
    Sample {
        name: "track_template_if",
        action: Action::Track,
        mapping: r#"{
            "user_id": {"@template": "crm-{{properties.customer_id}}"},
            "event_name": {"@template": "{{properties.plan}} plan in {{properties.country}}"},
            "timestamp": {"@path": "$.properties.updated_at"},
            "properties": {
                "name": {"@template": "{{properties.first_name}} {{properties.last_name}}"},
                "contact": {"@if": {
                    "exists": {"@path": "$.properties.email"},
                    "then": {"@path": "$.properties.email"},
                    "else": {"@path": "$.properties.phone"}
                }},
                "account": {"@if": {
                    "blank": {"@path": "$.properties.account_id"},
                    "then": {"@path": "$.properties.account_id"},
                    "else": "none"
                }},
                "mrr": {"@path": "$.properties.mrr"}
            }
        }"#,
    },
    Sample {
        name: "identify_liquid",
        action: Action::Identify,
        mapping: r#"{
            "user_id": {"@path": "$.properties.customer_id"},
            "traits": {
                "name": {"@liquid": "{{ properties.first_name | append: ' ' | append: properties.last_name | upcase }}"},
                "tier": {"@liquid": "{% if properties.mrr > 500 %}gold{% elsif properties.is_active %}silver{% else %}none{% endif %}"},
                "email": {"@path": "$.properties.email"},
                "plan": {"@path": "$.properties.plan"}
            }
        }"#,
    },
];

/// Returns `count` rows of 20 columns, as JSON lines of a warehouse hold them.
#[must_use]
pub fn rows(count: usize) -> Vec<String> {
    (0..count).map(row).collect()
}

fn row(at: usize) -> String {
    let plan = ["free", "team", "business"][at % 3];
    // Some values need escapes, some are missing, some are numbers that JavaScript spells otherwise.
    let first = ["Ana", "Jos\u{e9}", "D'Arcy", "Li\\nu"][at % 4];
    let email = if at.is_multiple_of(5) {
        "null".to_owned()
    } else {
        format!("\"user{at}@example.com\"")
    };
    let account = if at.is_multiple_of(7) { "\"\"" } else { "\"acc-42\"" };
    let street = format!("{} \\\"Long\\\" Street", at % 200);
    let mrr = at % 1000;
    format!(
        "{{\"customer_id\":{at},\"device_id\":\"d-{at:08x}\",\"account_id\":{account},\"email\":{email},\
         \"first_name\":\"{first}\",\"last_name\":\"van der Berg {at}\",\"phone\":\"+1 555 {:07}\",\"plan\":\"{plan}\",\
         \"mrr\":{mrr}.50,\"logins\":{},\"is_active\":{},\"tags\":[\"a\",\"b{at}\"],\"street\":\"{street}\",\
         \"city\":\"Lisbon\",\"country\":\"PT\",\"ip\":\"10.0.{}.{}\",\"created_at\":\"2024-01-02T03:04:05Z\",\
         \"updated_at\":\"2026-05-06T07:08:09Z\",\"notes\":\"customer since 2024, pays by card, asked twice about \
         invoices\",\"attributes\":{{\"score\":{at},\"segment\":\"smb\"}}}}",
        at * 37 % 10_000_000,
        at % 50,
        at.is_multiple_of(2),
        at / 250 % 250,
        at % 250,
    )
}

/// The compiled engine, as a sender uses it.
#[derive(Debug)]
pub struct Engine {
    compiled: Compiled,
    index: Index,
    scratch: Scratch,
    out: Vec<u8>,
}

impl Engine {
    /// Compiles a sample.
    ///
    /// # Panics
    /// When the sample is no valid mapping.
    #[must_use]
    pub fn new(sample: &Sample) -> Self {
        let mapping = serde_json::from_str(sample.mapping).expect("JSON");
        Self {
            compiled: Compiled::compile(sample.action, &mapping).expect("a mapping"),
            index: Index::default(),
            scratch: Scratch::default(),
            out: Vec::new(),
        }
    }

    /// Returns the call of a row.
    ///
    /// # Panics
    /// When there is none.
    pub fn call(&mut self, row: &str) -> &[u8] {
        let record = self.index.of(row).expect("a row");
        let change = Change::New;
        self.out.clear();
        self.compiled
            .call(
                &Event::Row { change, record },
                Some(MESSAGE_ID),
                &mut self.scratch,
                &mut self.out,
            )
            .expect("a call");
        &self.out
    }
}

/// The plain evaluator.
#[derive(Debug)]
pub struct PlainEngine(Plain);

impl PlainEngine {
    /// Reads a sample.
    ///
    /// # Panics
    /// When the sample is not JSON.
    #[must_use]
    pub fn new(sample: &Sample) -> Self {
        Self(Plain::new(sample.action, sample.mapping).expect("JSON"))
    }

    /// Returns the call of a row.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn call(&self, row: &str) -> Vec<u8> {
        let event = plain::event("new", Js::parse(row).expect("a row"));
        serde_json::to_vec(&self.0.call(&event, Some(MESSAGE_ID)).expect("a call")).expect("JSON")
    }
}
