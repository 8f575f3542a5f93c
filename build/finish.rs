//! The last pass over what the generator made: models that are open, print their shape and read nulls, as do
//! answers that are lists; no function that the library must not offer; and the proof that everything asked
//! for is there.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::ToTokens;
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Expr, ExprLit, File, GenericArgument, ImplItem, ImplItemFn, Item, ItemImpl, Lit, Meta,
    PathArguments, PathSegment, UseTree, parse_quote,
};

use super::enums::{self, OpenEnum};
use super::error::{Error, Result};
use super::methods;
use super::models;
use super::names::pascal;
use super::operations::Operation;
use super::rust_types::Choice;
use super::walk::{members, schemas};

/// Where the open enums go: they are printed by ourselves, because a macro call is printed on one line.
/// With the line's beginning, which no documentation has.
const ENUMS_GO_HERE: &str = "\n    open_enums!();\n";

/// What the contract says that the generator does not pass on.
pub struct Facts<'a> {
    pub operations: &'a [Operation],
    pub enums: &'a [OpenEnum],
    pub choice: &'a Choice,
    /// Type and member of what only the service writes.
    pub never_sent: BTreeSet<(String, String)>,
}

/// The members that the contract marks as the service's own, with their Rust type and their name in JSON.
pub fn read_only_members(document: &Value) -> BTreeSet<(String, String)> {
    let members = schemas(document).flat_map(|(schema, value)| {
        let read_only = members(value, "/properties").filter(|(_, member)| member["readOnly"] == true);
        read_only.map(|(name, _)| (pascal(schema), name.clone()))
    });
    members.collect()
}

/// The generated items as they are to be, followed by the tables.
pub fn finish(generated: TokenStream, tables: TokenStream, facts: &Facts<'_>) -> Result<File> {
    let broken = |e: syn::Error| Error::new("the generated code", e);
    let mut file: File = syn::parse2(generated).map_err(broken)?;
    file.items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "prelude"));
    file.items.insert(
        0,
        parse_quote!(
            #[allow(unused_imports)]
            use crate::ids::encode_path;
        ),
    );
    for item in &mut file.items {
        match item {
            Item::Use(import) => drop_encoding(&mut import.tree),
            Item::Impl(block) if block.trait_.is_none() => {
                restrict_constructors(block);
                for item in &mut block.items {
                    if let ImplItem::Fn(function) = item
                        && function.sig.asyncness.is_some()
                    {
                        methods::finish(function)?;
                    }
                }
                LenientLists.visit_item_impl_mut(block);
            }
            Item::Mod(module) if module.ident == "types" => {
                if let Some((_, items)) = &mut module.content {
                    *items = models::finish(std::mem::take(items), &facts.never_sent)?;
                    items.push(parse_quote!(open_enums!();));
                }
            }
            _ => {}
        }
    }
    check(&file, facts)?;
    file.items.extend(syn::parse2::<File>(tables).map_err(broken)?.items);
    LineComments.visit_file_mut(&mut file);
    Ok(file)
}

/// Text of the file, with the open enums in their place.
pub fn print(file: &File, open_enums: &[OpenEnum]) -> String {
    let text = prettyplease::unparse(file).replace(ENUMS_GO_HERE, &format!("\n{}", enums::print(open_enums)));
    space_out(&text)
}

/// progenitor's `encode_path` leaves `\` alone, which URL parsers take for a slash; the library's own does
/// not.
fn drop_encoding(import: &mut UseTree) {
    if let UseTree::Path(path) = import
        && path.ident == "progenitor_client"
        && let UseTree::Group(group) = path.tree.as_mut()
    {
        let kept = std::mem::take(&mut group.items).into_iter();
        group.items =
            kept.filter(|name| !matches!(name, UseTree::Name(name) if name.ident == "encode_path")).collect();
    }
}

/// `new` would make a client with a timeout of 15 seconds for whole downloads; the other one is for the
/// library only.
fn restrict_constructors(block: &mut ItemImpl) {
    let is_new = |function: &ImplItemFn| function.sig.ident == "new" && function.sig.asyncness.is_none();
    block.items.retain(|item| !matches!(item, ImplItem::Fn(function) if is_new(function)));
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item
            && function.sig.ident == "new_with_client"
        {
            function.vis = parse_quote!(pub(crate));
        }
    }
}

/// A list that is a whole answer has no member to say how it is read, so its type does.
struct LenientLists;

impl VisitMut for LenientLists {
    fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
        visit_mut::visit_path_segment_mut(self, segment);
        if segment.ident == "ResponseValue"
            && let PathArguments::AngleBracketed(answers) = &mut segment.arguments
        {
            for answer in &mut answers.args {
                if let GenericArgument::Type(list) = answer
                    && let Some(("Vec", item)) = models::container(list)
                {
                    *answer = parse_quote!(crate::lenient::List<#item>);
                }
            }
        }
    }
}

/// The generator ignores what it does not find; we don't.
fn check(file: &File, facts: &Facts<'_>) -> Result<()> {
    let functions: BTreeSet<_> = file.items.iter().flat_map(async_functions).collect();
    let operations: BTreeSet<_> = facts.operations.iter().map(|operation| operation.id.clone()).collect();
    if let Some(odd) = functions.symmetric_difference(&operations).next() {
        return Err(Error::new(
            odd,
            "is a function without an operation, or an operation without a function",
        ));
    }
    let code = file.to_token_stream().to_string().replace(' ', "");
    for open_enum in facts.enums {
        if code.contains(&format!("pubenum{}{{", open_enum.name())) {
            return Err(Error::new(
                &open_enum.schema,
                "was to be an open enum, but the generator made a closed one",
            ));
        }
    }
    if code.contains("ResponseValue::from_response") {
        return Err(Error::new("the generated code", "decodes an answer in a way that was not replaced"));
    }
    match facts.choice.paths().find(|path| !code.contains(path.as_str())) {
        Some(path) => {
            Err(Error::new(path, "was given to something in the contract, but is not in the generated code"))
        }
        None => Ok(()),
    }
}

fn async_functions(item: &Item) -> Vec<String> {
    let Item::Impl(ItemImpl { items, trait_: None, .. }) = item else { return Vec::new() };
    let functions = items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) if function.sig.asyncness.is_some() => Some(function.sig.ident.to_string()),
        _ => None,
    });
    functions.collect()
}

/// Writes every documentation as `///` lines, never as a block.
struct LineComments;

impl VisitMut for LineComments {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let split = std::mem::take(attributes).into_iter().flat_map(|attribute| match text_of(&attribute) {
            Some(text) => text.trim_end().split('\n').map(doc_line).collect(),
            None => vec![attribute],
        });
        *attributes = split.collect();
    }
}

fn text_of(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn doc_line(line: &str) -> Attribute {
    let line = enums::comment(line);
    let line = if line.is_empty() || line.starts_with(' ') { line } else { format!(" {line}") };
    parse_quote!(#[doc = #line])
}

/// An empty line after each item and each function.
fn space_out(text: &str) -> String {
    let mut spaced = String::new();
    for line in text.lines() {
        let bare = line.trim_start();
        let after_end =
            spaced.ends_with("\n}\n") || spaced.ends_with("\n    }\n") || spaced.ends_with("];\n");
        if after_end && !bare.starts_with('}') {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
    }
    spaced
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{
        NO_CHOICE, answer, assert_has, assert_has_not, generate, generate_with, ok, operation,
    };

    #[test]
    fn the_client_offers_nothing_that_it_should_not() {
        let text = generate(&answer(json!({})));
        assert_has(&text, "pub(crate) fn new_with_client(");
        assert_has_not(&text, "pub fn new(");
        assert_has_not(&text, "mod prelude");
        assert_has(&text, "use crate::ids::encode_path;");
        assert_has(&text, "use progenitor_client::{ClientHooks, OperationInfo, RequestBuilderExt};");
        assert_has(&text, "fn assert_client_hooks() where Client: ClientHooks<crate::transport::Transport>,");
    }

    #[test]
    fn an_answer_that_is_a_list_is_read_leniently() {
        let names = json!({ "type": "array", "items": { "type": "string" } });
        let answers = [
            (names.clone(), "crate::lenient::List<::std::string::String>"),
            (
                json!({ "type": "array", "items": names }),
                "crate::lenient::List<::std::vec::Vec<::std::string::String>>",
            ),
            (json!({ "type": "string" }), "::std::string::String"),
        ];
        for (schema, ty) in answers {
            let text = generate(&operation(json!({ "operationId": "get", "responses": ok(schema) })));
            assert_has(&text, &format!("get<'a>(&'a self) -> Result<ResponseValue<{ty}>, Error<()>>"));
        }
    }

    #[test]
    fn the_text_is_made_to_be_read() {
        let mut document = answer(json!({ "state": { "enum": ["ON"] } }));
        document["components"]["schemas"]["Thing"]["description"] = "One.\n\nTwo.".into();
        let text = generate_with(&document, &NO_CHOICE).unwrap();
        assert!(text.contains("    /// One.\n    ///\n    /// Two.\n    #[derive("), "{text}");
        assert!(text.contains("    }\n\n    crate::enums::open_enum! {\n"), "{text}");
        assert!(!text.contains("/*") && !text.contains("open_enums!"), "{text}");
    }
}
