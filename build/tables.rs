//! What the library needs to know of the contract at run time, as constants and tables beside the generated
//! client.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::bodies::Body;
use super::error::{Error, Result};
use super::hoist::is_string_enum;
use super::names::pascal;
use super::operations::Operation;
use super::walk::{
    is_nullable, items, members, referred, schema_pointer, schemas as all_schemas, schemas_in_requests,
};

/// All tables. The document must be as the contract has it, but for inline schemas, which have been given
/// names.
pub fn tables(document: &Value, operations: &[Operation]) -> Result<TokenStream> {
    let constants = constants(document)?;
    let operations = operations.iter().map(operation);
    let schemas = schemas(document)?;
    let models = models(document);
    Ok(quote! {
        #constants

        #models

        #[doc = "The contract's operations."]
        pub(crate) static OPERATIONS: &[crate::contract::Operation] = &[#(#operations),*];

        #[doc = "The schemas of what is sent, as local validation reads them."]
        pub(crate) static SCHEMAS: &[crate::contract::Schema] = &[#(#schemas),*];
    })
}

/// A macro that hands the names of all models and of all open enums to another one: a test that goes over them
/// needs no list of its own.
fn models(document: &Value) -> TokenStream {
    let (enums, models): (Vec<_>, Vec<_>) =
        all_schemas(document).partition(|(_, schema)| is_string_enum(schema));
    let names = |schemas: Vec<(&String, &Value)>| -> Vec<_> {
        schemas.into_iter().map(|(name, _)| format_ident!("{}", pascal(name))).collect()
    };
    let (models, enums) = (names(models), names(enums));
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! for_each_model {
            ($call:ident) => {
                $call! { models: #(#models)* ; enums: #(#enums)* }
            };
        }
    }
}

fn constants(document: &Value) -> Result<TokenStream> {
    let server = document.pointer("/servers/0/url").and_then(Value::as_str);
    let server = server.ok_or_else(|| Error::new("servers", "is empty; add the address of the API"))?;
    let server = server.trim_end_matches('/');
    let (token_url, scope) = client_credentials(document)?;
    let header = organization_header(document)?;
    Ok(quote! {
        #[doc = "Where the API is."]
        pub(crate) const SERVER_URL: &str = #server;
        #[doc = "Where access tokens are got."]
        pub(crate) const TOKEN_URL: &str = #token_url;
        #[doc = "The scope to ask an access token for."]
        pub(crate) const SCOPE: &str = #scope;
        #[doc = "The header that says on whose behalf a call is made."]
        pub(crate) const ORGANIZATION_ID_HEADER: &str = #header;
    })
}

/// The header of the shared parameter of this name, or the one shared header that names the organization.
fn organization_header(document: &Value) -> Result<&str> {
    let place = "components.parameters.OrganizationId";
    let headers: Vec<_> =
        members(document, "/components/parameters").filter(|(_, shared)| shared["in"] == "header").collect();
    if let Some((_, named)) = headers.iter().find(|(name, _)| *name == "OrganizationId") {
        return named["name"].as_str().ok_or_else(|| Error::new(place, "has no `name`"));
    }
    let names = headers.iter().filter_map(|(_, header)| header["name"].as_str());
    match names.filter(|name| name.to_ascii_lowercase().contains("organization")).collect::<Vec<_>>()[..] {
        [name] => Ok(name),
        _ => Err(Error::new(place, "is missing; it names the header that the client can send")),
    }
}

/// Token URL and scope of the one flow by which a service gets its tokens.
fn client_credentials(document: &Value) -> Result<(&str, &str)> {
    let place = "components.securitySchemes";
    let schemes = members(document, "/components/securitySchemes");
    let flows: Vec<_> =
        schemes.filter_map(|(_, scheme)| scheme.pointer("/flows/clientCredentials")).collect();
    let [flow] = flows.as_slice() else {
        return Err(Error::new(
            place,
            format_args!("has {} clientCredentials flows; exactly one is needed", flows.len()),
        ));
    };
    let token_url =
        flow["tokenUrl"].as_str().ok_or_else(|| Error::new(place, "its flow has no `tokenUrl`"))?;
    let scopes: Vec<_> = members(flow, "/scopes").map(|(scope, _)| scope.as_str()).collect();
    match scopes.as_slice() {
        [scope] => Ok((token_url, scope)),
        _ => Err(Error::new(
            place,
            format_args!("its flow has {} scopes; exactly one is needed", scopes.len()),
        )),
    }
}

fn operation(operation: &Operation) -> TokenStream {
    let Operation { id, method, template, idempotent, request_types, answer_types, .. } = operation;
    let (request, answer) = (body(&operation.request), body(&operation.answer));
    quote! {
        crate::contract::Operation {
            id: #id,
            method: #method,
            template: #template,
            idempotent: #idempotent,
            request: #request,
            request_types: &[#(#request_types),*],
            answer: #answer,
            answer_types: &[#(#answer_types),*],
        }
    }
}

fn body(body: &Body) -> TokenStream {
    match body {
        Body::None => quote!(crate::contract::Body::None),
        Body::Json(_) => quote!(crate::contract::Body::Json),
        Body::Binary => quote!(crate::contract::Body::Binary),
    }
}

fn schemas(document: &Value) -> Result<Vec<TokenStream>> {
    let mut found = Vec::new();
    for name in schemas_in_requests(document) {
        let Some(schema) = document.pointer(&schema_pointer(&name)) else { continue };
        if schema.get("properties").is_none() {
            continue;
        }
        let required: Vec<_> = items(schema, "/required").filter_map(Value::as_str).collect();
        let mut rules = Vec::new();
        for (member, rule) in members(schema, "/properties") {
            let kind = kind(&format!("components.schemas.{name}.{member}"), rule, document)?;
            let required = required.contains(&member.as_str());
            let (nullable, read_only) = (is_nullable(rule, document), rule["readOnly"] == true);
            rules.push(quote! {
                crate::contract::Member {
                    name: #member, required: #required, nullable: #nullable, read_only: #read_only, kind: #kind,
                }
            });
        }
        found.push(quote!(crate::contract::Schema { name: #name, members: &[#(#rules),*] }));
    }
    Ok(found)
}

/// The kind of a member, with its limits.
fn kind(place: &str, schema: &Value, document: &Value) -> Result<TokenStream> {
    if let Some(name) = schema.as_object().and_then(referred) {
        let target = &document["components"]["schemas"][name];
        return match target {
            _ if is_string_enum(target) => {
                let name = format_ident!("{}", pascal(name));
                Ok(quote!(crate::contract::Kind::Enum(types::#name::KNOWN)))
            }
            _ if target.get("properties").is_some() => Ok(quote!(crate::contract::Kind::Object(#name))),
            _ => kind(place, target, document),
        };
    }
    Ok(match schema["type"].as_str() {
        Some("string") => {
            let (min, max) = (limit(place, schema, "minLength")?, limit(place, schema, "maxLength")?);
            quote!(crate::contract::Kind::String { min: #min, max: #max })
        }
        Some("integer") => {
            let (min, max) = (limit(place, schema, "minimum")?, limit(place, schema, "maximum")?);
            quote!(crate::contract::Kind::Integer { min: #min, max: #max })
        }
        Some("number") => quote!(crate::contract::Kind::Number),
        Some("boolean") => quote!(crate::contract::Kind::Boolean),
        Some("array") => {
            let (min, max) = (limit(place, schema, "minItems")?, limit(place, schema, "maxItems")?);
            let items = kind(place, &schema["items"], document)?;
            quote!(crate::contract::Kind::List { min: #min, max: #max, items: &#items })
        }
        _ => quote!(crate::contract::Kind::Any),
    })
}

/// A limit as `Some(1)` or `None`. Lengths are u32 in the table and numbers i64: what is beyond limits nothing.
fn limit(place: &str, schema: &Value, name: &str) -> Result<TokenStream> {
    let Some(limit) = schema.get(name) else { return Ok(quote!(None)) };
    let is_length = name.ends_with("Length") || name.ends_with("Items");
    let number = whole_number(limit).filter(|number| !is_length || *number >= 0);
    let number =
        number.ok_or_else(|| Error::new(place, format_args!("`{name}` is {limit}, which is no limit")))?;
    let number = match name {
        "minimum" if schema["exclusiveMinimum"] == true => number.saturating_add(1),
        "maximum" if schema["exclusiveMaximum"] == true => number.saturating_sub(1),
        _ => number,
    };
    let fits = if is_length { u32::try_from(number).is_ok() } else { i64::try_from(number).is_ok() };
    let number = Literal::i128_unsuffixed(number);
    Ok(if fits { quote!(Some(#number)) } else { quote!(None) })
}

/// A whole number, also where it is written as `100.0` or `1e2`.
fn whole_number(value: &Value) -> Option<i128> {
    let written_with_a_point =
        || value.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i128);
    value.as_i64().map(i128::from).or_else(written_with_a_point)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{
        NO_CHOICE, answer, assert_has, assert_has_not, failure, generate, generate_with, reference, request,
        squeeze,
    };

    #[test]
    fn schemas_of_requests_are_there_with_their_limits() {
        let mut document = request(json!({
            "id": { "type": "string", "minLength": 1, "maxLength": 255, "readOnly": true },
            "days": { "type": "integer", "minimum": -1, "maximum": 30, "nullable": true },
            "parts": { "type": "array", "minItems": 1, "items": reference("Part") },
            "state": { "enum": ["ON"] },
            "ratio": { "type": "number" },
            "done": { "type": "boolean" },
            "more": {},
            "part": reference("MaybePart"),
            "kind": { "allOf": [reference("MaybeKind")] },
        }));
        let schemas = &mut document["components"]["schemas"];
        schemas["MaybePart"] = json!({ "properties": {}, "nullable": true });
        schemas["MaybeKind"] = json!({ "enum": ["BIG", null], "nullable": true });
        document["components"]["schemas"]["Thing"]["required"] = json!(["id"]);
        document["components"]["schemas"]["Part"] = json!({ "properties": {} });
        document["components"]["schemas"]["Answer"] = json!({ "properties": {} });
        let text = generate(&document);
        let members = [
            ("id", "true", "false", "true", "String { min: Some(1), max: Some(255), }"),
            ("days", "false", "true", "false", "Integer { min: Some(-1), max: Some(30), }"),
            (
                "parts",
                "false",
                "false",
                "false",
                "List { min: Some(1), max: None, items: &crate::contract::Kind::Object(\"Part\"), }",
            ),
            ("state", "false", "false", "false", "Enum(types::ThingState::KNOWN)"),
            ("ratio", "false", "false", "false", "Number"),
            ("done", "false", "false", "false", "Boolean"),
            ("more", "false", "false", "false", "Any"),
            ("part", "false", "true", "false", "Object(\"MaybePart\")"),
            ("kind", "false", "true", "false", "Enum(types::MaybeKind::KNOWN)"),
        ];
        for (name, required, nullable, read_only, kind) in members {
            let member = format!(
                "crate::contract::Member {{ name: \"{name}\", required: {required}, nullable: {nullable},
                 read_only: {read_only}, kind: crate::contract::Kind::{kind}, }}"
            );
            assert_has(&text, &member);
        }
        assert_has(&text, "crate::contract::Schema { name: \"Part\", members: &[], }");
        assert_has_not(&text, "crate::contract::Schema { name: \"Answer\"");
    }

    #[test]
    fn limits_are_read_however_they_are_written() {
        let cases = [
            (
                json!({ "type": "string", "minLength": 1.0, "maxLength": 1e2 }),
                "String { min: Some(1), max: Some(100) }",
            ),
            (
                json!({ "type": "string", "minLength": 0, "maxLength": i64::MAX }),
                "String { min: Some(0), max: None }",
            ),
            (
                json!({ "type": "integer", "minimum": -1e30, "maximum": u64::MAX }),
                "Integer { min: None, max: None }",
            ),
            (
                json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }),
                "Integer { min: Some(-9223372036854775808), max: Some(9223372036854775807) }",
            ),
            (
                json!({ "type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 10.0, "exclusiveMaximum": true }),
                "Integer { min: Some(1), max: Some(9) }",
            ),
            (
                json!({ "type": "integer", "minimum": 1e300, "exclusiveMinimum": true, "maximum": 3, "exclusiveMaximum": false }),
                "Integer { min: None, max: Some(3) }",
            ),
        ];
        for (schema, kind) in cases {
            assert_has(
                &generate(&request(json!({ "it": schema }))),
                &format!("crate::contract::Kind::{kind}"),
            );
        }
        for odd in [json!(0.5), json!("1"), Value::Null, json!(-1.0)] {
            let message = format!("components.schemas.Thing.it: `maxLength` is {odd}, which is no limit");
            assert_eq!(failure(&request(json!({ "it": { "type": "string", "maxLength": odd } }))), message);
        }
    }

    #[test]
    fn operations_and_constants_are_there() {
        let text = generate(&request(json!({})));
        assert_has(
            &text,
            "pub(crate) static OPERATIONS: &[crate::contract::Operation] = &[crate::contract::Operation {
                id: \"make_thing\", method: \"POST\", template: \"/things\", idempotent: false,
                request: crate::contract::Body::Json, request_types: &[\"application/json\"],
                answer: crate::contract::Body::None, answer_types: &[], }",
        );
        assert_has(&text, "pub(crate) const SERVER_URL: &str = \"https://api.example\";");
        assert_has(&text, "pub(crate) const TOKEN_URL: &str = \"https://token.example\";");
        assert_has(&text, "pub(crate) const SCOPE: &str = \"all\";");
        assert_has(&text, "pub(crate) const ORGANIZATION_ID_HEADER: &str = \"X-Org\";");
    }

    #[test]
    fn what_the_tables_need_must_be_there() {
        let flow = "/components/securitySchemes/auth/flows/clientCredentials";
        let missing: [(&str, Value, &str); 6] = [
            ("/servers", json!([]), "servers: is empty; add the address of the API"),
            (
                "/components/parameters",
                json!({}),
                "components.parameters.OrganizationId: is missing; it names the header that the client can send",
            ),
            (
                "/components/securitySchemes",
                json!({}),
                "components.securitySchemes: has 0 clientCredentials flows; exactly one is needed",
            ),
            (flow, json!({}), "components.securitySchemes: its flow has no `tokenUrl`"),
            (
                flow,
                json!({ "tokenUrl": "x", "scopes": { "a": "", "b": "" } }),
                "components.securitySchemes: its flow has 2 scopes; exactly one is needed",
            ),
            (
                "/components/schemas/Thing/properties/id",
                json!({ "type": "string", "maxLength": -1 }),
                "components.schemas.Thing.id: `maxLength` is -1, which is no limit",
            ),
        ];
        for (pointer, value, message) in missing {
            let mut document = request(json!({ "id": { "type": "string" } }));
            *document.pointer_mut(pointer).unwrap() = value;
            assert_eq!(failure(&document), message);
        }
    }

    /// Another header must not carry it, be it the only one.
    #[test]
    fn the_header_of_the_organization_is_known_by_its_name() {
        let header_of = |parameters: &[(&str, &str)]| {
            let mut document = request(json!({}));
            let shared: serde_json::Map<_, _> = parameters
                .iter()
                .map(|(key, name)| ((*key).to_owned(), json!({ "name": name, "in": "header" })))
                .collect();
            document["components"]["parameters"] = shared.into();
            generate_with(&document, &NO_CHOICE).map(|text| squeeze(&text)).map_err(|e| e.to_string())
        };
        let trace = ("Trace", "X-Request-Id");
        for parameters in
            [[("OrganizationId", "X-Id"), ("Other", "X-Organization")], [trace, ("Org", "x-ORGANIZATION-id")]]
        {
            let name = parameters.iter().find(|(key, _)| key.starts_with("Org")).unwrap().1;
            let text = header_of(&parameters).unwrap();
            assert_has(&text, &format!("ORGANIZATION_ID_HEADER: &str = \"{name}\";"));
        }
        let missing =
            "components.parameters.OrganizationId: is missing; it names the header that the client can send";
        for parameters in [&[trace][..], &[("A", "X-Organization-Id"), ("B", "Organization")]] {
            assert_eq!(header_of(parameters), Err(missing.to_owned()));
        }
    }

    #[test]
    fn every_model_and_enum_is_named() {
        let text = generate(&request(json!({ "state": { "enum": ["ON"] } })));
        assert_has(&text, "$call! { models: Thing; enums: ThingState }");
    }

    #[test]
    fn schemas_of_answers_are_not() {
        assert_has(&generate(&answer(json!({}))), "SCHEMAS: &[crate::contract::Schema] = &[];");
    }
}
