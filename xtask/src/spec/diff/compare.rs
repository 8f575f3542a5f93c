//! What differs between two contracts.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use serde_json::Value;

use super::change::{Change, Direction, Place};
use super::kind::Kind;
use super::pairs::{Pairs, json_body, paired_operations, paired_parts};
use super::view::{Answer, Content, Form, Member, Notes, Operation, Part, Schema, Type, View};
use crate::generator::names::snake;
use crate::generator::rust_types::{SIGN, is_id};
use crate::generator::walk::SCHEMAS;

/// All changes, the worst first.
pub fn compare(old: &View, new: &View) -> Vec<Change> {
    let mut comparison = Comparison {
        old,
        new,
        pairs: Pairs::of(old, new),
        sent: [sent_schemas(old), sent_schemas(new)],
        found: Vec::new(),
    };
    comparison.whole();
    comparison.operations();
    comparison.schemas();
    let mut found = comparison.found;
    found.sort_by(|a, b| (a.class, &a.path, &a.what).cmp(&(b.class, &b.path, &b.what)));
    found.dedup_by(|a, b| a.path == b.path && a.what == b.what);
    found
}

struct Comparison<'a> {
    old: &'a View,
    new: &'a View,
    pairs: Pairs<'a>,
    /// The schemas that any request holds, before and now.
    sent: [BTreeSet<&'a str>; 2],
    found: Vec<Change>,
}

fn sent_schemas(view: &View) -> BTreeSet<&str> {
    let mut sent = BTreeSet::new();
    view.operations.values().filter_map(json_body).for_each(|body| body.names(&view.schemas, &mut sent));
    sent
}

impl<'a> Comparison<'a> {
    fn tell(&mut self, place: &Place, direction: Direction, kind: Kind) {
        self.found.push(Change::new(place, direction, kind));
    }

    fn whole(&mut self) {
        for ((what, from), (_, to)) in self.old.constants.iter().zip(&self.new.constants) {
            if from != to {
                let kind = Kind::Constant { from: from.clone(), to: to.clone() };
                self.tell(&Place::document(what), Direction::None, kind);
            }
        }
        for ((path, old), (_, new)) in self.old.notes.iter().zip(&self.new.notes) {
            self.notes(&Place::document(path), Direction::None, old, new);
        }
        for ((path, old), (_, new)) in self.old.others.iter().zip(&self.new.others) {
            if old != new {
                self.tell(&Place::document(path), Direction::None, Kind::Other);
            }
        }
    }

    fn operations(&mut self) {
        let (old, new) = (self.old, self.new);
        for (key, operation) in &old.operations {
            if !new.operations.contains_key(key) {
                let place = Place::operation(operation.function.clone());
                self.tell(&place, Direction::None, Kind::OperationRemoved);
            }
        }
        for (key, operation) in &new.operations {
            if !old.operations.contains_key(key) {
                let place = Place::operation(operation.function.clone());
                self.tell(&place, Direction::None, Kind::OperationAdded);
            }
        }
        let first = self.found.len();
        let mut paired = 0;
        for (place, old, new) in paired_operations(old, new) {
            self.operation(&place, old, new);
            paired += 1;
        }
        let of_operations = self.found.split_off(first);
        self.found.extend(gather(of_operations, paired));
    }

    fn operation(&mut self, place: &Place, old: &Operation, new: &Operation) {
        let (from, to) = (&old.function.operation_id, &new.function.operation_id);
        let (from, to) = (from.clone().unwrap_or_default(), to.clone().unwrap_or_default());
        if snake(&from) != snake(&to) {
            self.tell(place, Direction::None, Kind::OperationIdChanged { from, to });
        }
        if old.idempotent != new.idempotent {
            self.tell(place, Direction::None, Kind::Idempotent(new.idempotent));
        }
        self.notes(place, Direction::None, &old.notes, &new.notes);
        if old.other != new.other {
            self.tell(place, Direction::None, Kind::Other);
        }
        self.path_parameters(place, old, new);
        self.parameters(place, old, new);
        self.body(&place.part("body"), old, new);
        self.answers(place, old, new);
        for (place, old, new, direction) in paired_parts(place, old, new) {
            self.part(&place, old, new, direction);
        }
    }

    fn path_parameters(&mut self, place: &Place, old: &Operation, new: &Operation) {
        let pairs = old.path_parameters.iter().zip(&new.path_parameters);
        for ((from, before), (to, now)) in pairs {
            if from != to {
                // Once for all operations of the path.
                let braced = format!("{{{from}}}");
                let template = &old.function.template;
                let path = template.split_inclusive(&braced).next().unwrap_or(template);
                let kind = Kind::PathParameterRenamed { from: from.clone(), to: to.clone() };
                self.tell(&Place::document(path), Direction::Sent, kind);
            }
            if let (Some(before), Some(now)) = (before, now) {
                self.notes(&place.part(&format!("path {from}")), Direction::Sent, &before.notes, &now.notes);
            }
        }
    }

    fn parameters(&mut self, place: &Place, old: &Operation, new: &Operation) {
        for (name, parameter) in &old.parameters {
            let place = place.part(name);
            let Some(now) = new.parameters.get(name) else {
                self.tell(&place, Direction::Sent, Kind::ParameterRemoved { setting: parameter.setting });
                continue;
            };
            if parameter.required != now.required {
                self.tell(&place, Direction::Sent, Kind::Required(now.required));
            } else if parameter.setting != now.setting {
                self.tell(&place, Direction::Sent, Kind::Setting(now.setting));
            }
            self.notes(&place, Direction::Sent, &parameter.notes, &now.notes);
        }
        for (name, parameter) in new.parameters.iter().filter(|(name, _)| !old.parameters.contains_key(*name))
        {
            let kind = Kind::ParameterAdded { required: parameter.required, setting: parameter.setting };
            self.tell(&place.part(name), Direction::Sent, kind);
        }
    }

    fn body(&mut self, place: &Place, old: &Operation, new: &Operation) {
        match (&old.body, &new.body) {
            (None, None) => {}
            (None, Some(new)) => {
                self.tell(place, Direction::Sent, Kind::BodyAdded { required: new.required });
            }
            (Some(_), None) => self.tell(place, Direction::Sent, Kind::BodyRemoved),
            (Some(before), Some(now)) => {
                if before.required != now.required {
                    // Functions take a body in any case.
                    self.tell(place, Direction::Sent, Kind::Note("whether it is required"));
                }
                self.notes(place, Direction::Sent, &before.notes, &now.notes);
                let forms = (&old.sent, &new.sent);
                self.contents(
                    place,
                    Direction::Sent,
                    forms,
                    &media_types(&before.content),
                    &media_types(&now.content),
                );
                self.content_notes(place, Direction::Sent, &before.content, &now.content);
            }
        }
    }

    fn answers(&mut self, place: &Place, old: &Operation, new: &Operation) {
        for status in old.answers.keys().filter(|status| !new.answers.contains_key(*status)) {
            self.tell(place, Direction::Read, Kind::StatusRemoved(status.clone()));
        }
        for status in new.answers.keys().filter(|status| !old.answers.contains_key(*status)) {
            self.tell(place, Direction::Read, Kind::StatusAdded(status.clone()));
        }
        for (status, answer) in &old.answers {
            if let Some(now) = new.answers.get(status) {
                self.answer(&place.part(status), answer, now);
            }
        }
        let types = |operation: &Operation| -> Vec<String> {
            operation.answers.values().flat_map(|answer| media_types(&answer.content)).collect()
        };
        let forms = (&old.answered, &new.answered);
        self.contents(&place.part("answer"), Direction::Read, forms, &types(old), &types(new));
    }

    fn answer(&mut self, place: &Place, old: &Answer, new: &Answer) {
        self.notes(place, Direction::Read, &old.notes, &new.notes);
        self.content_notes(place, Direction::Read, &old.content, &new.content);
        if !self.is_same_but_for_names(&old.other, &new.other) {
            self.tell(place, Direction::Read, Kind::Other);
        }
    }

    /// Whether it is the same, but that schemas have been renamed.
    fn is_same_but_for_names(&self, old: &Value, new: &Value) -> bool {
        if old == new {
            return true;
        }
        let reference = |name: &str| format!("\"{SCHEMAS}{name}\"");
        let renamed = self.pairs.ways.keys().filter(|(a, b)| a != b);
        let text = renamed.fold(old.to_string(), |text, (a, b)| text.replace(&reference(a), &reference(b)));
        serde_json::from_str::<Value>(&text).is_ok_and(|old| old == *new)
    }

    fn contents(
        &mut self,
        place: &Place,
        direction: Direction,
        (from, to): (&Form, &Form),
        old: &[String],
        new: &[String],
    ) {
        if from.kind != to.kind {
            self.tell(place, direction, Kind::Content { from: from.kind, to: to.kind });
            return;
        }
        for (n, media_type) in old.iter().enumerate().filter(|(_, media_type)| !new.contains(media_type)) {
            let kind = Kind::MediaTypeRemoved { media_type: media_type.clone(), was_first: n == 0 };
            self.tell(place, direction, kind);
        }
        for media_type in new.iter().filter(|media_type| !old.contains(media_type)) {
            self.tell(place, direction, Kind::MediaTypeAdded(media_type.clone()));
        }
    }

    fn content_notes(&mut self, place: &Place, direction: Direction, old: &Content, new: &Content) {
        for (media_type, notes) in &old.media_types {
            if let Some((_, now)) = new.media_types.iter().find(|(other, _)| other == media_type) {
                self.notes(place, direction, notes, now);
            }
        }
    }

    fn notes(&mut self, place: &Place, direction: Direction, old: &Notes, new: &Notes) {
        let all: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for what in all.into_iter().filter(|what| old.get(what) != new.get(what)) {
            let text = |notes: &Notes| notes.get(what).map_or("nothing".to_owned(), |said| said.to_string());
            let kind = match what {
                "default" => Kind::Default { from: text(old), to: text(new) },
                "deprecated" => Kind::Deprecated(new.contains_key(what)),
                _ => Kind::Note(what),
            };
            self.tell(place, direction, kind);
        }
    }

    fn schemas(&mut self) {
        for ((a, b), direction) in self.pairs.ways.clone() {
            if let (Some(old), Some(new)) = (self.old.schemas.get(a), self.new.schemas.get(b)) {
                let place = Place::schema(a, &old.path);
                if a != b {
                    let (from, to) = (a.to_owned(), b.to_owned());
                    self.tell(&place, direction, Kind::SchemaRenamed { from, to, inline: new.inline });
                }
                self.schema((a, b), &place, (old, new), direction);
            }
        }
        for (name, schema) in self.pairs.gone() {
            self.tell(&Place::schema(name, &schema.path), Direction::None, Kind::SchemaRemoved);
        }
        for (name, schema) in self.pairs.come() {
            self.tell(&Place::schema(name, &schema.path), Direction::None, Kind::SchemaAdded);
        }
    }

    fn schema(
        &mut self,
        names: (&str, &str),
        place: &Place,
        (old, new): (&Schema, &Schema),
        direction: Direction,
    ) {
        self.part(place, &old.part, &new.part, direction);
        if discriminant(&old.part.of) != discriminant(&new.part.of) {
            return;
        }
        for (_, value) in old.values.iter().filter(|(folded, _)| !new.values.contains_key(*folded)) {
            self.tell(place, direction, Kind::ValueRemoved(value.clone()));
        }
        for (_, value) in new.values.iter().filter(|(folded, _)| !old.values.contains_key(*folded)) {
            self.tell(place, direction, Kind::ValueAdded(value.clone()));
        }
        let removed: Vec<_> =
            old.members.iter().filter(|(name, _)| !new.members.contains_key(*name)).collect();
        let added: Vec<_> = new.members.iter().filter(|(name, _)| !old.members.contains_key(*name)).collect();
        let renamed = match (removed.as_slice(), added.as_slice()) {
            ([(from, old)], [(to, new)]) if old.part == new.part => Some((*from, *to)),
            _ => None,
        };
        for (name, member) in removed {
            let kind = Kind::MemberRemoved { renamed_to: renamed.map(|(_, to)| to.clone()) };
            self.tell(&place.member(name), way(&member.part, direction), kind);
        }
        for (name, member) in added {
            let renamed_from = renamed.map(|(from, _)| from.clone());
            let kind = Kind::MemberAdded { required: member.required, renamed_from };
            self.tell(&place.member(name), way(&member.part, direction), kind);
        }
        for (name, member) in &old.members {
            if let Some(now) = new.members.get(name) {
                self.member(names, &place.member(name), (member, now), direction);
            }
        }
    }

    fn member(
        &mut self,
        (a, b): (&str, &str),
        place: &Place,
        (old, new): (&Member, &Member),
        direction: Direction,
    ) {
        // build/schemas.rs: the ids of what is answered and never sent are plain fields.
        let is_id = own_type(place).is_some_and(|own| is_id(&format!("crate::{own}")));
        let is_plain = |name, member: &Member, sent: &BTreeSet<&str>| {
            is_id && member.required && !member.part.nullable && !sent.contains(name)
        };
        let (was_plain, is_plain) = (is_plain(a, old, &self.sent[0]), is_plain(b, new, &self.sent[1]));
        if was_plain != is_plain {
            self.tell(place, direction, Kind::PlainField(is_plain));
        } else if old.required != new.required {
            let both_read_only = old.part.read_only && new.part.read_only;
            let direction = if both_read_only { direction.unsent() } else { direction };
            self.tell(place, direction, Kind::Required(new.required));
        }
        self.part(place, &old.part, &new.part, direction);
    }

    fn part(&mut self, place: &Place, old: &Part, new: &Part, direction: Direction) {
        if old.read_only != new.read_only {
            self.tell(place, direction, Kind::ReadOnly(new.read_only));
        }
        let direction = if old.read_only && new.read_only { direction.unsent() } else { direction };
        if old.write_only != new.write_only {
            self.tell(place, direction, Kind::WriteOnly(new.write_only));
        }
        self.notes(place, direction, &old.notes, &new.notes);
        match (&old.of, &new.of) {
            (Type::Named(a), Type::Named(b)) if self.pairs.is_same(a, b) => {}
            (Type::Object(None), Type::Object(None)) | (Type::Enum, Type::Enum) => {}
            (Type::List(a), Type::List(b)) => self.part(&place.inside("[]"), a, b, direction),
            (Type::Map(a), Type::Map(b)) | (Type::Object(Some(a)), Type::Object(Some(b))) => {
                self.part(&place.inside("{}"), a, b, direction)
            }
            (Type::Choice(a), Type::Choice(b)) if a.len() == b.len() => {
                for (n, (a, b)) in a.iter().zip(b).enumerate() {
                    self.part(&place.inside(&format!("|{n}")), a, b, direction);
                }
            }
            (Type::Plain { of: a, .. }, Type::Plain { of: b, .. }) if a == b => {
                let (from, to) = (old.of.to_string(), new.of.to_string());
                // A type of ours it is of, whatever the format is.
                if own_type(place).is_none() && old.of.in_rust() != new.of.in_rust() {
                    self.tell(place, direction, Kind::Type { from, to });
                } else if from != to {
                    self.tell(place, direction, Kind::Format { from, to });
                }
            }
            (from, to) => {
                let (from, to) = (from.to_string(), to.to_string());
                self.tell(place, direction, Kind::Type { from, to });
                return;
            }
        }
        let nullable = self.new.is_nullable(new);
        if self.old.is_nullable(old) != nullable {
            self.tell(place, direction, Kind::Nullable(nullable));
        }
        for limit in old.limits.changes(&new.limits) {
            self.tell(place, direction, limit);
        }
    }
}

/// What the service sets is not sent.
fn way(part: &Part, direction: Direction) -> Direction {
    if part.read_only { direction.unsent() } else { direction }
}

/// The type of ours that build/rust_types.rs gives to the member.
pub fn own_type(place: &Place) -> Option<&'static str> {
    SIGN.members.iter().find(|(member, _)| *member == place.path).map(|(_, own)| *own)
}

fn media_types(content: &Content) -> Vec<String> {
    content.media_types.iter().map(|(media_type, _)| media_type.clone()).collect()
}

/// What has changed alike on all operations is told once.
fn gather(found: Vec<Change>, operations: usize) -> Vec<Change> {
    let label = |change: &Change| -> Option<String> {
        Some(change.path.strip_prefix(&change.place.operation.as_ref()?.label)?.to_owned())
    };
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for change in &found {
        if let Some(suffix) = label(change) {
            *counts.entry((suffix, change.what.clone())).or_default() += 1;
        }
    }
    let everywhere = |change: Change| match label(&change) {
        Some(suffix) if operations > 1 && counts[&(suffix.clone(), change.what.clone())] == operations => {
            let place = Place::document(&format!("every operation{suffix}"));
            Change::new(&place, change.direction, change.kind)
        }
        _ => change,
    };
    found.into_iter().map(everywhere).collect()
}
