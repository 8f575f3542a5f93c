//! What takes the place of what: operations are paired by method and path, schemas from there on by where they are
//! used, each pair once, and with all the ways that it goes over the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use super::change::{Direction, Place};
use super::view::{Operation, Parameter, Part, Schema, Type, View};

/// The schemas that take each other's place, by their names, and where they go.
pub struct Pairs<'a> {
    old: &'a View,
    new: &'a View,
    pub ways: BTreeMap<(&'a str, &'a str), Direction>,
}

/// The operations that are in both, with each one's place.
pub fn paired_operations<'a>(
    old: &'a View,
    new: &'a View,
) -> impl Iterator<Item = (Place, &'a Operation, &'a Operation)> {
    old.operations.iter().filter_map(|(key, operation)| {
        Some((Place::operation(operation.function.clone()), operation, new.operations.get(key)?))
    })
}

/// The parts that take each other's place in two operations: parameters, bodies and answers.
pub fn paired_parts<'a>(
    place: &Place,
    old: &'a Operation,
    new: &'a Operation,
) -> Vec<(Place, &'a Part, &'a Part, Direction)> {
    let mut pairs = Vec::new();
    for ((name, old), (_, new)) in old.path_parameters.iter().zip(&new.path_parameters) {
        if let (Some(old), Some(new)) = (old, new) {
            pairs.push((place.part(&format!("path {name}")), &old.part, &new.part, Direction::Sent));
        }
    }
    for (name, old) in &old.parameters {
        let settings = |new: &&Parameter| old.setting && new.setting;
        if let Some(new) = new.parameters.get(name).filter(|new| !settings(new)) {
            pairs.push((place.part(name), &old.part, &new.part, Direction::Sent));
        }
    }
    if let (Some(old), Some(new)) = (json_body(old), json_body(new)) {
        pairs.push((place.part("body"), old, new, Direction::Sent));
    }
    if let (Some((status, old)), Some((_, new))) = (json_answer(old), json_answer(new)) {
        pairs.push((place.part(status), old, new, Direction::Read));
    }
    pairs
}

pub fn json_body(operation: &Operation) -> Option<&Part> {
    operation.sent.part.as_ref()
}

fn json_answer(operation: &Operation) -> Option<(&str, &Part)> {
    Some((&operation.answered.path, operation.answered.part.as_ref()?))
}

impl<'a> Pairs<'a> {
    pub fn of(old: &'a View, new: &'a View) -> Self {
        let mut pairs = Self { old, new, ways: BTreeMap::new() };
        for (place, before, now) in paired_operations(old, new) {
            for (_, before, now, direction) in paired_parts(&place, before, now) {
                pairs.pair(before, now, direction);
            }
        }
        for name in old.schemas.keys().filter(|name| new.schemas.contains_key(*name)) {
            pairs.pair_names(name, name, Direction::None);
        }
        pairs
    }

    fn pair(&mut self, old: &'a Part, new: &'a Part, direction: Direction) {
        let direction = if old.read_only && new.read_only { direction.unsent() } else { direction };
        match (&old.of, &new.of) {
            (Type::Named(a), Type::Named(b)) if self.is_same(a, b) => self.pair_names(a, b, direction),
            (Type::List(a), Type::List(b))
            | (Type::Map(a), Type::Map(b))
            | (Type::Object(Some(a)), Type::Object(Some(b))) => self.pair(a, b, direction),
            (Type::Choice(a), Type::Choice(b)) => {
                a.iter().zip(b).for_each(|(a, b)| self.pair(a, b, direction));
            }
            _ => {}
        }
    }

    fn pair_names(&mut self, a: &'a str, b: &'a str, direction: Direction) {
        let known = self.ways.get(&(a, b)).copied();
        let direction = direction.and(known.unwrap_or(Direction::None));
        if known == Some(direction) {
            return;
        }
        self.ways.insert((a, b), direction);
        let (Some(old), Some(new)) = (self.old.schemas.get(a), self.new.schemas.get(b)) else { return };
        self.pair(&old.part, &new.part, direction);
        for (name, member) in &old.members {
            if let Some(other) = new.members.get(name) {
                self.pair(&member.part, &other.part, direction);
            }
        }
    }

    /// A schema is the one of its name, or it has been renamed: the one name is gone and the other is new.
    pub fn is_same(&self, a: &str, b: &str) -> bool {
        if a == b {
            return true;
        }
        let (Some(old), Some(new)) = (self.old.schemas.get(a), self.new.schemas.get(b)) else { return false };
        let is_renamed = !self.new.schemas.contains_key(a) && !self.old.schemas.contains_key(b);
        is_renamed && discriminant(&old.part.of) == discriminant(&new.part.of)
    }

    /// The schemas that nothing has taken the place of. Those inside of others are told with them.
    pub fn gone(&self) -> Vec<(&'a str, &'a Schema)> {
        let paired: BTreeSet<_> = self.ways.keys().map(|(old, _)| *old).collect();
        unpaired(self.old, &paired)
    }

    pub fn come(&self) -> Vec<(&'a str, &'a Schema)> {
        let paired: BTreeSet<_> = self.ways.keys().map(|(_, new)| *new).collect();
        unpaired(self.new, &paired)
    }
}

fn unpaired<'a>(view: &'a View, paired: &BTreeSet<&str>) -> Vec<(&'a str, &'a Schema)> {
    let schemas = view.schemas.iter().map(|(name, schema)| (name.as_str(), schema));
    schemas.filter(|(name, schema)| !schema.inline && !paired.contains(name)).collect()
}
