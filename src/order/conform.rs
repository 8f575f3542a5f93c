//! Whether a value satisfies the contract: a serializer that writes nothing, and looks at each value where it stands.
//! So what is looked at is what would be sent, and there is no copy of it.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use serde::ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

use super::place::Place;
use super::validate::Check;
use crate::contract::{self, Kind, Member};

/// Looks at a value and all that is in it.
pub(super) fn conform<T: Serialize + ?Sized>(
    value: &T,
    kind: &'static Kind,
    nullable: bool,
    place: Place<'_>,
    check: &mut Check,
) {
    if matches!(kind, Kind::Any) {
        return;
    }
    if value.serialize(Conform { kind, nullable, place, check }).is_err() {
        check.violation(&place, "is of another type in the contract");
    }
}

struct Conform<'a> {
    kind: &'static Kind,
    nullable: bool,
    place: Place<'a>,
    check: &'a mut Check,
}

/// A value is not of the contract's type. Caught where the value stands, so that the others are looked at too.
#[derive(Debug)]
struct OtherType;

impl Display for OtherType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("another type")
    }
}

impl std::error::Error for OtherType {}

impl ser::Error for OtherType {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Done = Result<(), OtherType>;

macro_rules! integers {
    ($($method:ident: $integer:ty),+) => {$(
        fn $method(self, number: $integer) -> Done {
            match (self.kind, i64::try_from(number)) {
                (Kind::Integer { min, max }, Ok(number)) => {
                    self.check.limits(number, (*min, *max), "", &self.place);
                }
                (Kind::Integer { .. }, Err(_)) => self.check.violation(&self.place, "must be a whole number"),
                (Kind::Number, _) => {}
                _ => return Err(OtherType),
            }
            Ok(())
        }
    )+};
}

/// What no model is: the contract has no such type.
macro_rules! others {
    ($($method:ident($($argument:ty),*) -> $compound:ty;)+) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$compound, OtherType> {
            Err(OtherType)
        }
    )+};
}

impl<'a> Serializer for Conform<'a> {
    type Ok = ();
    type Error = OtherType;
    type SerializeSeq = Items<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeMap = Unlisted;
    type SerializeTuple = Impossible<(), OtherType>;
    type SerializeTupleStruct = Impossible<(), OtherType>;
    type SerializeTupleVariant = Impossible<(), OtherType>;
    type SerializeStructVariant = Impossible<(), OtherType>;

    fn serialize_bool(self, _: bool) -> Done {
        if matches!(self.kind, Kind::Boolean) { Ok(()) } else { Err(OtherType) }
    }

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_f32(self, number: f32) -> Done {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, _: f64) -> Done {
        match self.kind {
            Kind::Number => {}
            Kind::Integer { .. } => self.check.violation(&self.place, "must be a whole number"),
            _ => return Err(OtherType),
        }
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Done {
        match self.kind {
            Kind::String { min: None, max: None } => {}
            // The service counts as its language does: in UTF-16.
            Kind::String { min, max } => {
                let length = text.encode_utf16().count() as i64;
                self.check.limits(length, bounds(*min, *max), "characters", &self.place);
            }
            Kind::Enum(known) => {
                if !known.contains(&text) {
                    self.check.violation(&self.place, format!("must be one of {}", known.join(", ")));
                }
            }
            _ => return Err(OtherType),
        }
        Ok(())
    }

    fn serialize_char(self, character: char) -> Done {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_none(self) -> Done {
        if self.nullable { Ok(()) } else { Err(OtherType) }
    }

    fn serialize_unit(self) -> Done {
        self.serialize_none()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items<'a>, OtherType> {
        let Kind::List { min, max, items } = self.kind else { return Err(OtherType) };
        if let Some(length) = length {
            self.check.limits(length as i64, bounds(*min, *max), "items", &self.place);
        }
        Ok(Items { items, index: 0, place: self.place, check: self.check })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, OtherType> {
        let Kind::Object(name) = self.kind else { return Err(OtherType) };
        let all = contract::schema(name).map(|schema| schema.members).unwrap_or_default();
        Ok(Members { all, left: all, place: self.place, check: self.check })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Unlisted, OtherType> {
        if matches!(self.kind, Kind::Object(_)) { Ok(Unlisted) } else { Err(OtherType) }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Done {
        Err(OtherType)
    }

    others! {
        serialize_bytes(&[u8]) -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

fn bounds(min: Option<u32>, max: Option<u32>) -> (Option<i64>, Option<i64>) {
    (min.map(i64::from), max.map(i64::from))
}

struct Items<'a> {
    items: &'static Kind,
    index: usize,
    place: Place<'a>,
    check: &'a mut Check,
}

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = OtherType;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        conform(value, self.items, false, self.place.item(self.index), self.check);
        self.index += 1;
        Ok(())
    }

    fn end(self) -> Done {
        Ok(())
    }
}

/// A model's members. They come in the order in which the contract's are listed, that of their names.
struct Members<'a> {
    all: &'static [Member],
    /// Those that have not come by yet.
    left: &'static [Member],
    place: Place<'a>,
    check: &'a mut Check,
}

impl Members<'_> {
    /// Members that were passed over.
    fn are_missing(&mut self, members: &[Member]) {
        for member in members.iter().filter(|member| member.required) {
            self.check.violation(&self.place.member(member.name), "is required");
        }
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = OtherType;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        let Some(at) = self.left.iter().position(|member| member.name == name) else {
            // What is not in the contract is not the contract's to judge.
            debug_assert!(self.all.iter().all(|member| member.name != name), "{name} comes in another order");
            return Ok(());
        };
        let (passed, rest) = self.left.split_at(at);
        self.are_missing(passed);
        let (member, left) = (&rest[0], &rest[1..]);
        self.left = left;
        let place = self.place.member(name);
        match member.read_only {
            true => self.check.violation(&place, "is set by the service"),
            false => conform(value, &member.kind, member.nullable, place, self.check),
        }
        Ok(())
    }

    fn end(mut self) -> Done {
        self.are_missing(self.left);
        Ok(())
    }
}

/// The entries of a map, of which the contract lists none.
struct Unlisted;

impl SerializeMap for Unlisted {
    type Ok = ();
    type Error = OtherType;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Done {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Done {
        Ok(())
    }

    fn end(self) -> Done {
        Ok(())
    }
}
