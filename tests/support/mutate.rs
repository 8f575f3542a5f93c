//! Answers as a later release of the service may give them: what the contract allows, varied and mutated by chance
//! that can be repeated.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::documented::{operation, reached};
use super::sample::{all_properties, all_required, resolved};

/// Chance from a seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    /// A number below the given one.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// What is done to an answer. Each is done in several forms: see [`Mutation::forms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    UnknownMember,
    UnknownEnumValue,
    OtherSpelling,
    Null,
    Missing,
    EmptyText,
    LongText,
    OtherTime,
    NullList,
    EmptyList,
    NullInList,
    BeyondLimit,
    OtherStatus,
    OtherMediaType,
}

use Mutation::*;

impl Mutation {
    pub const ALL: [Self; 14] = [
        UnknownMember,
        UnknownEnumValue,
        OtherSpelling,
        Null,
        Missing,
        EmptyText,
        LongText,
        OtherTime,
        NullList,
        EmptyList,
        NullInList,
        BeyondLimit,
        OtherStatus,
        OtherMediaType,
    ];

    /// In how many forms it is done.
    pub fn forms(self) -> usize {
        match self {
            UnknownMember => MEMBERS.len() * UNKNOWN.len(),
            UnknownEnumValue => NEW_VALUES.len(),
            OtherTime => TIMES.len() + NUMERIC_TIMES.len(),
            NullInList | OtherSpelling | BeyondLimit => 2,
            OtherStatus => STATUSES.len(),
            OtherMediaType => MEDIA_TYPES.len(),
            Null | Missing | EmptyText | LongText | NullList | EmptyList => 1,
        }
    }

    /// Whether it can be done there. An answer's own id has to be there.
    fn fits(self, place: &Place<'_>) -> bool {
        let Place { schema, value, .. } = place;
        let may_be_absent = !place.is_own_id && place.holder != Holder::Nothing;
        let is_text = schema["type"] == "string" && schema["enum"].is_null();
        match self {
            // What a map holds is no member that nobody knows.
            UnknownMember => value.is_object() && !schema["additionalProperties"].is_object(),
            UnknownEnumValue | OtherSpelling => value.is_string() && schema["enum"].is_array(),
            Null => may_be_absent && !value.is_array(),
            Missing => may_be_absent && place.holder == Holder::Object,
            EmptyText => may_be_absent && is_text,
            LongText => is_text && !place.is_time(),
            OtherTime => is_text && place.is_time(),
            // An answer that is a list may be none.
            NullList => value.is_array() && place.holder != Holder::List,
            EmptyList | NullInList => value.is_array(),
            BeyondLimit => value.is_number() && place.beyond_limits().next().is_some(),
            OtherStatus | OtherMediaType => place.holder == Holder::Nothing,
        }
    }
}

const MEMBERS: [&str; 3] = ["x", "mood of the day", "orderID"];

/// JSON of every type.
const UNKNOWN: [&str; 9] =
    ["null", "true", "-1", "1e300", "\"\"", "\"new\"", "[]", "[null,{\"a\":[0]}]", "{\"b\":{}}"];

const NEW_VALUES: [&str; 5] = ["HALF_DONE", "half-done", "Half Done", "§", ""];

/// All but the first are what no source has shown yet.
const TIMES: [&str; 13] = [
    "2023-10-01T20:55:57+0200",
    "2023-10-01T20:55:57+02:00",
    "2023-10-01T20:55:57+02",
    "2023-10-01T18:55:57Z",
    "2023-10-01t18:55:57z",
    "2023-10-01T18:55:57.000000001Z",
    "2023-10-01T20:55:57,5+0200",
    "2023-10-01 20:55:57+02:00",
    "2023-10-01T20:55:57",
    "2023-10-01",
    "1696186557",
    "Sun, 01 Oct 2023 18:55:57 GMT",
    "the day before",
];

/// The same time in seconds and in milliseconds, and in the seconds of Java's instants.
const NUMERIC_TIMES: [&str; 3] = ["1696186557", "1696186557000", "1696186557.25"];

/// But for 204, which has no body.
const STATUSES: [u16; 9] = [200, 201, 202, 203, 205, 206, 207, 208, 226];

const MEDIA_TYPES: [&str; 7] = [
    "application/json;charset=UTF-8",
    "application/json; charset=\"utf-8\"; profile=new",
    "APPLICATION/JSON",
    "application/vnd.signicat.sign+json",
    "text/json",
    "text/plain",
    "application/octet-stream",
];

/// In what a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// It is the whole answer.
    Nothing,
    Object,
    List,
}

/// A value of an answer, with what the contract says of it.
struct Place<'a> {
    pointer: String,
    holder: Holder,
    schema: &'a Value,
    value: &'a Value,
    is_own_id: bool,
}

impl Place<'_> {
    /// Whether a value of that kind is there.
    fn is_still_in(&self, answer: &Value) -> bool {
        let found = answer.pointer(&self.pointer);
        found.is_some_and(|found| std::mem::discriminant(found) == std::mem::discriminant(self.value))
    }

    /// An event's has no format, because its offset is none of RFC 3339's.
    fn is_time(&self) -> bool {
        self.schema["format"] == "date-time" || self.pointer.ends_with("/eventTime")
    }

    /// Whole numbers that are less or more than the contract allows, and of the type that it says.
    fn beyond_limits(&self) -> impl Iterator<Item = i64> {
        let limit = |name: &str| self.schema[name].as_f64().map(|limit| limit as i64);
        let beyond =
            [limit("minimum").map(|least| least - 1), limit("maximum").map(|most| most.saturating_add(1))];
        beyond.into_iter().flatten().filter(|number| i32::try_from(*number).is_ok())
    }
}

/// An answer on its way to the client.
#[derive(Clone)]
pub struct Told {
    pub status: u16,
    pub media_type: String,
    pub body: Value,
    /// The body but for what is read as something else than it says: another spelling, a time that is a number.
    pub meant: Value,
    /// What was done to it, and where.
    pub done: Vec<(Mutation, String)>,
}

/// The answers of one operation.
pub struct Answers<'a> {
    contract: &'a Value,
    schema: &'a Value,
    /// The schemas that are sent too: there even the ids are the service's to leave out.
    sent: BTreeSet<String>,
    /// A member without which the answer is good for nothing.
    needed: Option<&'static str>,
}

impl<'a> Answers<'a> {
    pub fn new(contract: &'a Value, schema: &'a Value, needed: Option<&'static str>) -> Self {
        let sent = reached(contract, &operation(contract, "createOrder")["requestBody"]);
        Self { contract, schema, sent, needed }
    }

    /// Another answer that the contract allows: lists of other lengths, optional members left out, any value of an
    /// enumeration.
    pub fn vary(&self, answer: &Value, chance: &mut Chance) -> Value {
        self.varied(self.schema, answer, true, chance)
    }

    fn varied(&self, schema: &Value, value: &Value, is_whole: bool, chance: &mut Chance) -> Value {
        let schema = resolved(self.contract, schema);
        match value {
            Value::Object(members) => {
                let listed = all_properties(self.contract, schema);
                let required: BTreeSet<_> = all_required(self.contract, schema).collect();
                let keeps = |name: &str| required.contains(name) || (is_whole && self.needed == Some(name));
                let mut varied = serde_json::Map::new();
                for (name, value) in members {
                    if keeps(name) || !chance.one_in(4) {
                        let of_member = listed.get(name).copied();
                        let value =
                            of_member.map_or(value.clone(), |of| self.varied(of, value, false, chance));
                        varied.insert(name.clone(), value);
                    }
                }
                varied.into()
            }
            // A list of lists stays as it is: the API has none.
            Value::Array(items) if !items.first().is_none_or(Value::is_array) => {
                let least = schema["minItems"].as_u64().map_or(0, |least| usize::try_from(least).unwrap());
                let most = schema["maxItems"].as_u64().map_or(3, |most| usize::try_from(most).unwrap());
                let count = least + chance.below(most.clamp(least, least.max(3)) - least + 1);
                let items = items.iter().cycle().take(count);
                items.map(|item| self.varied(&schema["items"], item, false, chance)).collect()
            }
            Value::Bool(_) => chance.one_in(2).into(),
            _ => {
                let values: Vec<_> = schema["enum"].as_array().into_iter().flatten().collect();
                let values: Vec<_> = values.into_iter().filter(|value| !value.is_null()).collect();
                if values.is_empty() { value.clone() } else { (*chance.pick(&values)).clone() }
            }
        }
    }

    /// All that can be done to an answer, one thing at a time, each in all its forms.
    pub fn all_mutations(&self, answer: &Told) -> Vec<Told> {
        let mut all = Vec::new();
        for place in self.places(&answer.meant) {
            for mutation in Mutation::ALL.into_iter().filter(|mutation| mutation.fits(&place)) {
                // What nobody knows is passed over wherever it stands; all its forms in one place are enough.
                let every = if mutation == UnknownMember && place.holder != Holder::Nothing { 5 } else { 1 };
                for form in (0..mutation.forms()).step_by(every) {
                    let mut told = answer.clone();
                    told.apply(mutation, form, &place);
                    all.push(told);
                }
            }
        }
        all
    }

    /// Does so many things to an answer, by chance. No kind of them is rarer because it fits in few places.
    pub fn mutate(&self, answer: &mut Told, count: usize, chance: &mut Chance) {
        let before = answer.meant.clone();
        let places = self.places(&before);
        while answer.done.len() < count {
            let mutation = *chance.pick(&Mutation::ALL);
            let fitting: Vec<_> = places.iter().filter(|place| mutation.fits(place)).collect();
            // What was done before may have taken all of them away.
            let place = (!fitting.is_empty()).then(|| chance.pick(&fitting));
            match place.filter(|place| place.is_still_in(&answer.meant)) {
                Some(place) => answer.apply(mutation, chance.below(mutation.forms()), place),
                None if answer.meant.is_null() => break,
                None => {}
            }
        }
    }

    /// The answer without one of its own ids, in each way in which one may be missing, and the path that is then to be
    /// told.
    pub fn without_an_own_id(&self, answer: &Value) -> Vec<(Value, String)> {
        let mut all = Vec::new();
        for place in self.places(answer).into_iter().filter(|place| place.is_own_id) {
            for mutation in [Null, Missing, EmptyText] {
                let mut value = answer.clone();
                edit(&mut value, mutation, &place);
                all.push((value, place.pointer.clone()));
            }
        }
        all
    }

    fn places<'v>(&'v self, answer: &'v Value) -> Vec<Place<'v>> {
        let mut places = Vec::new();
        self.walk(self.schema, answer, String::new(), Holder::Nothing, false, &mut places);
        places
    }

    fn walk<'v>(
        &'v self,
        schema: &'v Value,
        value: &'v Value,
        pointer: String,
        holder: Holder,
        is_own_id: bool,
        places: &mut Vec<Place<'v>>,
    ) {
        if value.is_null() {
            return;
        }
        let is_sent = self.is_sent(schema);
        let schema = resolved(self.contract, schema);
        match value {
            Value::Object(members) => {
                let listed = all_properties(self.contract, schema);
                let required: BTreeSet<_> = all_required(self.contract, schema).collect();
                for (name, member) in members {
                    let Some(of) = listed.get(name).copied() else { continue };
                    let is_needed = holder == Holder::Nothing && self.needed == Some(name);
                    let is_own_id =
                        is_needed || (!is_sent && required.contains(name.as_str()) && name.ends_with("Id"));
                    let pointer = format!("{pointer}/{name}");
                    self.walk(of, member, pointer, Holder::Object, is_own_id, places);
                }
            }
            // But for a list's lists.
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate().filter(|(_, item)| !item.is_array()) {
                    let pointer = format!("{pointer}/{number}");
                    self.walk(&schema["items"], item, pointer, Holder::List, false, places);
                }
            }
            _ => {}
        }
        places.push(Place { pointer, holder, schema, value, is_own_id });
    }
}

impl Answers<'_> {
    fn is_sent(&self, schema: &Value) -> bool {
        let name = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
        let mut parts = schema["allOf"].as_array().into_iter().flatten();
        name.is_some_and(|name| self.sent.contains(name)) || parts.any(|part| self.is_sent(part))
    }
}

impl Told {
    pub fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            media_type: "application/json".to_owned(),
            meant: body.clone(),
            body,
            done: Vec::new(),
        }
    }

    fn apply(&mut self, mutation: Mutation, form: usize, place: &Place<'_>) {
        self.done.push((mutation, place.pointer.clone()));
        match mutation {
            OtherStatus => self.status = STATUSES[form],
            OtherMediaType => self.media_type = MEDIA_TYPES[form].to_owned(),
            OtherSpelling => {
                let listed = place.schema["enum"].as_array().unwrap();
                let value = listed.iter().filter_map(Value::as_str).next().unwrap();
                let spelt = if form == 0 { value.to_lowercase() } else { value.replace("_", "-") };
                set(&mut self.body, &place.pointer, spelt.into());
                set(&mut self.meant, &place.pointer, value.into());
            }
            OtherTime if form >= TIMES.len() => {
                let number = NUMERIC_TIMES[form - TIMES.len()];
                set(&mut self.body, &place.pointer, serde_json::from_str(number).unwrap());
                set(&mut self.meant, &place.pointer, number.into());
            }
            _ => {
                for value in [&mut self.body, &mut self.meant] {
                    match mutation {
                        UnknownMember => {
                            let (name, unknown) =
                                (MEMBERS[form % MEMBERS.len()], UNKNOWN[form / MEMBERS.len()]);
                            value.pointer_mut(&place.pointer).unwrap()[name] =
                                serde_json::from_str(unknown).unwrap();
                        }
                        UnknownEnumValue => set(value, &place.pointer, NEW_VALUES[form].into()),
                        OtherTime => set(value, &place.pointer, TIMES[form].into()),
                        LongText => {
                            let limit = place.schema["maxLength"].as_u64().unwrap_or(300);
                            let longer = "Ω".repeat(usize::try_from(limit).unwrap() + 1);
                            set(value, &place.pointer, longer.into());
                        }
                        BeyondLimit => {
                            let beyond: Vec<_> = place.beyond_limits().collect();
                            set(value, &place.pointer, json!(beyond[form % beyond.len()]));
                        }
                        NullInList => {
                            let list = value.pointer_mut(&place.pointer).unwrap().as_array_mut().unwrap();
                            list.insert(if form == 0 { 0 } else { list.len() }, Value::Null);
                        }
                        _ => edit(value, mutation, place),
                    }
                }
            }
        }
    }
}

/// What is done in one form only.
fn edit(value: &mut Value, mutation: Mutation, place: &Place<'_>) {
    match mutation {
        Null | NullList => set(value, &place.pointer, Value::Null),
        EmptyText => set(value, &place.pointer, "".into()),
        EmptyList => set(value, &place.pointer, json!([])),
        Missing => {
            let (holder, name) = place.pointer.rsplit_once('/').unwrap();
            value.pointer_mut(holder).unwrap().as_object_mut().unwrap().remove(name);
        }
        other => panic!("{other:?} is done in more than one form"),
    }
}

fn set(value: &mut Value, pointer: &str, to: Value) {
    *value.pointer_mut(pointer).unwrap() = to;
}
