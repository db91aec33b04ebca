//! The table that is carried: users as a warehouse has them, the same for the same number of rows.

use std::fmt::Write as _;

const FIRST_NAMES: [&str; 12] = [
    "Ada", "Bruno", "Chloé", "Dmitri", "Eileen", "Farid", "Grace", "Hiroshi", "Ines", "Jonas", "Keiko", "Liam",
];
const LAST_NAMES: [&str; 11] = [
    "Lovelace", "Okafor", "Martin", "Ivanov", "O'Brien", "Haddad", "Hopper", "Tanaka", "Silva", "Berg", "Nowak",
];
const PLANS: [&str; 4] = ["free", "team", "business", "enterprise"];
const CITIES: [(&str, &str); 7] = [
    ("Lisbon", "PT"),
    ("San Francisco", "US"),
    ("Berlin", "DE"),
    ("São Paulo", "BR"),
    ("Osaka", "JP"),
    ("Lagos", "NG"),
    ("Leeds", "GB"),
];
const EVENTS: [&str; 3] = ["Signed Up", "Plan Changed", "Invoice Paid"];
const THEMES: [&str; 3] = ["dark", "light", "system"];

/// The columns, in order; the last one is nested.
pub(crate) const COLUMNS: [&str; 16] = [
    "user_id",
    "anonymous_id",
    "email",
    "first_name",
    "last_name",
    "plan",
    "mrr",
    "is_active",
    "created_at",
    "updated_at",
    "city",
    "country",
    "postal_code",
    "ltv",
    "event_name",
    "attributes",
];

/// One row. Its texts are kept from row to row.
#[expect(clippy::struct_field_names, reason = "the column's name")]
#[derive(Debug, Default)]
pub(crate) struct User {
    pub(crate) user_id: String,
    pub(crate) anonymous_id: String,
    pub(crate) email: String,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) mrr: f64,
    pub(crate) is_active: bool,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) city: &'static str,
    pub(crate) country: &'static str,
    pub(crate) postal_code: String,
    pub(crate) ltv: f64,
    pub(crate) event_name: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) beta: bool,
    pub(crate) seats: u64,
}

impl User {
    /// Makes this the row of a number.
    pub(crate) fn become_row(&mut self, number: u64) {
        let mut state = number;
        let mut pick = move |of: u64| {
            state = mixed(state);
            state % of
        };
        replace(&mut self.user_id, format_args!("usr_{number:09}"));
        let (high, low) = (mixed(number ^ 0x5eed), mixed(number ^ 0xfeed));
        replace(
            &mut self.anonymous_id,
            format_args!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                high >> 32,
                high >> 16 & 0xffff,
                high & 0xfff,
                low >> 48 & 0xfff,
                low & 0xffff_ffff_ffff
            ),
        );
        self.first_name = one(&FIRST_NAMES, pick(12));
        self.last_name = one(&LAST_NAMES, pick(11));
        replace(
            &mut self.email,
            format_args!("user.{:x}@{}.example.com", high >> 24, one(&PLANS, pick(4))),
        );
        self.plan = one(&PLANS, pick(4));
        self.mrr = cents(pick(200_000));
        self.is_active = pick(5) > 0;
        moment(&mut self.created_at, pick(60_000_000));
        moment(&mut self.updated_at, 60_000_000 + pick(30_000_000));
        (self.city, self.country) = one(&CITIES, pick(7));
        replace(&mut self.postal_code, format_args!("{:05}", pick(100_000)));
        self.ltv = cents(pick(9_000_000));
        self.event_name = one(&EVENTS, pick(3));
        self.theme = one(&THEMES, pick(3));
        self.beta = pick(7) == 0;
        self.seats = 1 + pick(400);
    }

    /// Returns the nested column as JSON.
    pub(crate) fn attributes(&self) -> String {
        let Self { theme, beta, seats, .. } = self;
        format!(r#"{{"theme":"{theme}","beta":{beta},"seats":{seats}}}"#)
    }

    /// Adds the row as a line of JSON.
    pub(crate) fn write_json(&self, out: &mut String) {
        // No text of the table needs an escape.
        let texts = [
            ("{\"user_id\":\"", self.user_id.as_str()),
            ("\",\"anonymous_id\":\"", &self.anonymous_id),
            ("\",\"email\":\"", &self.email),
            ("\",\"first_name\":\"", self.first_name),
            ("\",\"last_name\":\"", self.last_name),
            ("\",\"plan\":\"", self.plan),
        ];
        for (name, text) in texts {
            out.extend([name, text]);
        }
        let _ = write!(out, "\",\"mrr\":{},\"is_active\":{}", self.mrr, self.is_active);
        let texts = [
            (",\"created_at\":\"", self.created_at.as_str()),
            ("\",\"updated_at\":\"", &self.updated_at),
            ("\",\"city\":\"", self.city),
            ("\",\"country\":\"", self.country),
            ("\",\"postal_code\":\"", &self.postal_code),
        ];
        for (name, text) in texts {
            out.extend([name, text]);
        }
        let _ = writeln!(
            out,
            "\",\"ltv\":{},\"event_name\":\"{}\",\"attributes\":{}}}",
            self.ltv,
            self.event_name,
            self.attributes()
        );
    }

    /// Adds the row as a line of CSV.
    pub(crate) fn write_csv(&self, out: &mut String) {
        let Self {
            user_id,
            anonymous_id,
            email,
            first_name,
            last_name,
            plan,
            mrr,
            is_active,
            created_at,
            updated_at,
            ..
        } = self;
        let _ = write!(
            out,
            "{user_id},{anonymous_id},{email},{first_name},{last_name},{plan},{mrr},{is_active},{created_at},{updated_at},"
        );
        let attributes = self.attributes().replace('"', "\"\"");
        let Self {
            city,
            country,
            postal_code,
            ltv,
            event_name,
            ..
        } = self;
        let _ = writeln!(
            out,
            "{city},{country},{postal_code},{ltv},{event_name},\"{attributes}\""
        );
    }
}

/// `SplitMix64`: every number in another place.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn one<T: Copy>(of: &[T], index: u64) -> T {
    of[usize::try_from(index).unwrap_or_default() % of.len()]
}

#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
fn cents(count: u64) -> f64 {
    count as f64 / 100.0
}

/// Writes the moment so many seconds after the beginning of 2022.
fn moment(out: &mut String, seconds: u64) {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (mut year, mut day) = (2022, days);
    let length = |year: u64| if year.is_multiple_of(4) { 366 } else { 365 };
    while day >= length(year) {
        day -= length(year);
        year += 1;
    }
    let mut month = 0;
    let months = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while day >= months[month] {
        day -= months[month];
        month += 1;
    }
    let (month, day) = (month + 1, day + 1);
    replace(
        out,
        format_args!(
            "{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        ),
    );
}

fn replace(text: &mut String, by: std::fmt::Arguments<'_>) {
    text.clear();
    let _ = text.write_fmt(by);
}
