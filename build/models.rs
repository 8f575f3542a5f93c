//! The models as the library wants them: open to new members, lenient in what they read, and printing their
//! shape instead of their content.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Field, GenericArgument, Ident, Item, ItemStruct, Meta, Path, PathArguments, Token, Type,
    parse_quote,
};

use super::error::{Error, Result};
use super::rust_types;

/// Finishes the items of the module of types. `never_sent` has type and member of what only the service
/// writes.
pub fn finish(items: Vec<Item>, never_sent: &BTreeSet<(String, String)>) -> Result<Vec<Item>> {
    let mut finished = Vec::new();
    for item in items {
        match item {
            Item::Struct(mut model) => {
                open(&mut model.attrs)?;
                for field in &mut model.fields {
                    finish_member(&model.ident, field, never_sent)?;
                }
                let shape = struct_shape(&model);
                let name = model.ident.clone();
                finished.push(Item::Struct(model));
                finished.extend(debug(&name, &shape));
            }
            Item::Enum(mut model) => {
                open(&mut model.attrs)?;
                let name = model.ident.clone();
                let shown = name.to_string();
                finished.push(Item::Enum(model));
                finished.extend(debug(&name, &quote!(f.write_str(#shown))));
            }
            other => finished.push(other),
        }
    }
    if !finished.iter().any(mentions_error) {
        finished.retain(|item| !is_error_module(item));
    }
    Ok(finished)
}

fn is_error_module(item: &Item) -> bool {
    matches!(item, Item::Mod(module) if module.ident == "error")
}

fn mentions_error(item: &Item) -> bool {
    !is_error_module(item) && item.to_token_stream().to_string().contains("error :: ConversionError")
}

/// Lets the type grow, and takes away the `Debug` that would print its content.
fn open(attributes: &mut Vec<Attribute>) -> Result<()> {
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let derives =
            attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).map_err(broken)?;
        let kept = derives.iter().filter(|path| !path.is_ident("Debug"));
        *attribute = parse_quote!(#[derive(#(#kept),*)]);
    }
    attributes.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]));
    attributes.push(parse_quote!(#[non_exhaustive]));
    Ok(())
}

fn broken(e: syn::Error) -> Error {
    Error::new("the generated code", e)
}

/// Says to serde how the member is read and written. A member that is not required has a type that can be
/// empty.
fn finish_member(model: &Ident, field: &mut Field, never_sent: &BTreeSet<(String, String)>) -> Result<()> {
    let Some(ident) = &field.ident else { return Ok(()) };
    let mut options = Vec::new();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let given =
            attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).map_err(broken)?;
        options.extend(given.into_iter().filter(is_about_the_name));
    }
    let name = options.iter().find_map(renamed).unwrap_or_else(|| ident.to_string());
    let sent = !never_sent.contains(&(model.to_string(), name)) && !holds_secret(&field.ty);
    options.extend(reading_and_writing(&field.ty, sent));
    field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    if !options.is_empty() {
        field.attrs.push(parse_quote!(#[serde(#(#options),*)]));
    }
    Ok(())
}

fn is_about_the_name(option: &Meta) -> bool {
    option.path().is_ident("rename") || option.path().is_ident("flatten")
}

fn renamed(option: &Meta) -> Option<String> {
    match option {
        Meta::NameValue(syn::MetaNameValue { value: syn::Expr::Lit(literal), .. }) => match &literal.lit {
            syn::Lit::Str(name) => Some(name.value()),
            _ => None,
        },
        _ => None,
    }
}

fn reading_and_writing(ty: &Type, sent: bool) -> Vec<Meta> {
    let (is_empty, read_with) = match container(ty) {
        Some(("Option", inner)) => {
            let id = rust_types::is_id(&code(inner));
            ("Option::is_none", id.then_some("crate::lenient::optional_id"))
        }
        Some(("Vec", inner)) => {
            let ids = rust_types::is_id(&code(inner));
            ("Vec::is_empty", Some(if ids { "crate::lenient::id_list" } else { "crate::lenient::list" }))
        }
        Some(("BTreeMap", _)) => ("::std::collections::BTreeMap::is_empty", Some("crate::lenient::map")),
        Some(("Map", _)) => ("::serde_json::Map::is_empty", Some("crate::lenient::map")),
        _ => return if sent { Vec::new() } else { vec![parse_quote!(skip_serializing)] },
    };
    let mut options: Vec<Meta> = vec![parse_quote!(default)];
    options.push(if sent {
        parse_quote!(skip_serializing_if = #is_empty)
    } else {
        parse_quote!(skip_serializing)
    });
    options.extend(read_with.map(|function| -> Meta { parse_quote!(deserialize_with = #function) }));
    options
}

/// Name and last argument of a generic type.
pub fn container(ty: &Type) -> Option<(&'static str, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let name = ["Option", "Vec", "BTreeMap", "Map"].into_iter().find(|name| last.ident == name)?;
    Some((name, argument(&last.arguments)?))
}

fn argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    match arguments.args.last()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn holds_secret(ty: &Type) -> bool {
    rust_types::is_secret(&code(container(ty).map_or(ty, |(_, inner)| inner)))
}

fn code(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// What `Debug` does: name every member with its shape, or take the shape of what is wrapped.
fn struct_shape(model: &ItemStruct) -> TokenStream {
    let name = model.ident.to_string();
    if model.fields.iter().any(|field| field.ident.is_none()) {
        return quote!(crate::redact::Redact::shape(&self.0, f));
    }
    let members = model.fields.iter().filter_map(|field| field.ident.as_ref());
    let shown = members.map(|member| {
        let name = member.to_string();
        quote!(.field(#name, &self.#member))
    });
    quote!(crate::redact::Fields::new(f, #name) #(#shown)* .finish())
}

fn debug(name: &Ident, shape: &TokenStream) -> [Item; 2] {
    let debug = parse_quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                #shape
            }
        }
    };
    let redact = parse_quote! {
        impl crate::redact::Redact for #name {
            fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(self, f)
            }
        }
    };
    [debug, redact]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::rust_types::Choice;
    use super::super::samples::{
        answer, assert_has, assert_has_not, generate, generate_with, reference, request, squeeze,
    };

    #[test]
    fn a_model_is_open_and_prints_its_shape() {
        let text = generate(&answer(json!({ "type": { "type": "string" } })));
        assert_has(
            &text,
            "#[derive(::serde::Deserialize, ::serde::Serialize, Clone, Default, PartialEq)]
             #[cfg_attr(feature = \"schemars\", derive(schemars::JsonSchema))]
             #[non_exhaustive]
             pub struct Thing {",
        );
        assert_has(
            &text,
            "impl ::std::fmt::Debug for Thing {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    crate::redact::Fields::new(f, \"Thing\").field(\"type_\", &self.type_).finish()
                }
            }
            impl crate::redact::Redact for Thing {
                fn shape(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    ::std::fmt::Debug::fmt(self, f)
                }
            }",
        );
        assert_has_not(&text, "pub mod error");
    }

    #[test]
    fn what_is_no_plain_object_prints_no_content_either() {
        let mut document = answer(json!({ "wrapped": reference("Wrapped"), "either": reference("Either") }));
        let schemas = &mut document["components"]["schemas"];
        schemas["Wrapped"] = json!({ "type": "array", "items": { "type": "string" } });
        schemas["Either"] = json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] });
        let text = generate(&document);
        let fmt = "fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result";
        let wrapped = "{ crate::redact::Redact::shape(&self.0, f) }";
        assert_has(&text, &format!("impl ::std::fmt::Debug for Wrapped {{ {fmt} {wrapped} }}"));
        assert_has(
            &text,
            &format!("impl ::std::fmt::Debug for Either {{ {fmt} {{ f.write_str(\"Either\") }} }}"),
        );
        assert_eq!(text.matches("Debug)]").count(), 1, "only the client derives Debug");
    }

    #[test]
    fn members_are_read_leniently_and_written_only_by_their_owner() {
        const CHOICE: Choice = Choice {
            parameters: &[],
            members: &[
                ("Thing.orderId", "OrderId"),
                ("Thing.tasks[]", "TaskId"),
                ("Thing.artifact", "Secret"),
            ],
        };
        let string = json!({ "type": "string" });
        let document = request(json!({
            "plain": string,
            "list": { "type": "array", "items": string },
            "orderId": string,
            "tasks": { "type": "array", "items": string },
            "artifact": string,
            "made": { "type": "string", "readOnly": true },
            "makers": { "type": "array", "items": string, "readOnly": true },
            "map": { "type": "object", "additionalProperties": string },
            "free": { "type": "object" },
            "part": { "allOf": [reference("Thing")], "readOnly": true },
        }));
        let text = squeeze(&generate_with(&document, &CHOICE).unwrap());
        let members = [
            ("default, skip_serializing_if = \"Option::is_none\"", "plain"),
            (
                "default, skip_serializing_if = \"Vec::is_empty\", deserialize_with = \"crate::lenient::list\"",
                "list",
            ),
            (
                "rename = \"orderId\", default, skip_serializing_if = \"Option::is_none\",
                 deserialize_with = \"crate::lenient::optional_id\"",
                "order_id",
            ),
            (
                "default, skip_serializing_if = \"Vec::is_empty\", deserialize_with = \"crate::lenient::id_list\"",
                "tasks",
            ),
            ("default, skip_serializing", "artifact"),
            ("default, skip_serializing", "made"),
            ("default, skip_serializing, deserialize_with = \"crate::lenient::list\"", "makers"),
            (
                "default, skip_serializing_if = \"::std::collections::BTreeMap::is_empty\",
                 deserialize_with = \"crate::lenient::map\"",
                "map",
            ),
            (
                "default, skip_serializing_if = \"::serde_json::Map::is_empty\",
                 deserialize_with = \"crate::lenient::map\"",
                "free",
            ),
            ("default, skip_serializing", "part"),
        ];
        for (options, member) in members {
            assert_has(&text, &format!("#[serde({options})] pub {member}:"));
        }
    }
}
