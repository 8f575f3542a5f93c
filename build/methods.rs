//! The methods of the generated client: without the header that progenitor adds of its own accord, without a copy of
//! each id that goes into an address, and with answers that are decoded where they were read.

use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprCall, ExprMethodCall, FnArg, ImplItemFn, Macro, Pat, Stmt, Token, Type, parse_quote};

use super::error::{Error, Result};

/// What progenitor sends and no contract knows.
const API_VERSION: &str = "\"api-version\"";
/// Its variable for headers.
const HEADERS: &str = "header_map";

/// Rewrites one method of an operation.
pub fn finish(function: &mut ImplItemFn) -> Result<()> {
    OurDecoding.visit_block_mut(&mut function.block);
    drop_api_version(function)?;
    let ids = ids(function);
    BorrowedIds { ids }.visit_block_mut(&mut function.block);
    Ok(())
}

/// The header goes, and the map of headers if nothing else is in it.
fn drop_api_version(function: &mut ImplItemFn) -> Result<()> {
    let statements = &mut function.block.stmts;
    let before = statements.len();
    statements.retain(|statement| !text(statement).contains(API_VERSION));
    if statements.len() + 1 != before {
        let name = function.sig.ident.to_string();
        return Err(Error::new(&name, "the generator sets its header `api-version` in another way"));
    }
    let appends = format!("{HEADERS}.append(");
    if statements.iter().any(|statement| text(statement).contains(&appends)) {
        return Ok(());
    }
    statements.retain(|statement| !text(statement).starts_with(&format!("letmut{HEADERS}=")));
    for statement in statements {
        DropHeaders.visit_stmt_mut(statement);
    }
    Ok(())
}

fn text(statement: &Stmt) -> String {
    statement.to_token_stream().to_string().replace(' ', "")
}

/// Takes `.headers(header_map)` out of a chain of calls.
struct DropHeaders;

impl VisitMut for DropHeaders {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(ExprMethodCall { receiver, method, args, .. }) = expression
            && method == "headers"
            && args.to_token_stream().to_string() == HEADERS
        {
            *expression = (**receiver).clone();
        }
    }
}

/// Makes `ResponseValue::from_response(response).await` into `crate::answer::value(response)`: the whole answer was read
/// by the `exec` hook.
struct OurDecoding;

impl VisitMut for OurDecoding {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::Await(awaited) = expression
            && awaited.base.to_token_stream().to_string()
                == quote!(ResponseValue::from_response(response)).to_string()
        {
            *expression = parse_quote!(crate::answer::value(response));
        }
    }
}

/// The arguments that are of a type of the library's own: ids, which can be borrowed as strings.
fn ids(function: &ImplItemFn) -> Vec<String> {
    let arguments = function.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    let ids = arguments.filter_map(|argument| match (&*argument.pat, &*argument.ty) {
        (Pat::Ident(name), Type::Reference(ty)) => {
            let ty = ty.elem.to_token_stream().to_string().replace(' ', "");
            (ty.starts_with("crate::") && !ty.contains("::types::")).then(|| name.ident.to_string())
        }
        _ => None,
    });
    ids.collect()
}

/// Makes `encode_path(&id.to_string())` into `encode_path(id.as_ref())`.
struct BorrowedIds {
    ids: Vec<String>,
}

impl VisitMut for BorrowedIds {
    /// Addresses are made by `format!`.
    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if let Ok(mut parts) = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            parts.iter_mut().for_each(|part| self.visit_expr_mut(part));
            call.tokens = parts.to_token_stream();
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        visit_mut::visit_expr_call_mut(self, call);
        for id in &self.ids {
            let id = syn::Ident::new(id, proc_macro2::Span::call_site());
            if call.to_token_stream().to_string() == quote!(encode_path(&#id.to_string())).to_string() {
                *call = parse_quote!(encode_path(#id.as_ref()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use serde_json::json;
    use syn::{ImplItemFn, parse_quote};

    use super::super::samples::{assert_has, assert_has_not, generate, ok, operation};
    use super::finish;

    #[test]
    fn no_header_is_sent_that_the_contract_does_not_have() {
        let text = generate(&operation(
            json!({ "operationId": "get", "responses": ok(json!({ "type": "string" })) }),
        ));
        assert_has_not(&text, "api-version");
        assert_has_not(&text, "header_map");
        assert_has(&text, "let url = format!(\"{}/things\", self.baseurl);");
    }

    #[test]
    fn other_headers_stay() {
        let mut method: ImplItemFn = parse_quote! {
            pub async fn get(&self) {
                let mut header_map = HeaderMap::with_capacity(2usize);
                header_map.append("api-version", "1");
                header_map.append("x-mine", "2");
                self.client.get("/").headers(header_map).build()?;
            }
        };
        finish(&mut method).unwrap();
        let text = quote!(#method).to_string().replace(' ', "");
        assert_has_not(&text, "api-version");
        assert_has(
            &text,
            "header_map.append(\"x-mine\",\"2\");self.client.get(\"/\").headers(header_map).build()?",
        );
    }

    #[test]
    fn a_generator_that_sets_it_in_another_way_is_an_error() {
        let mut method: ImplItemFn = parse_quote! {
            pub async fn get(&self) { self.client.get("/").header("x", "y") }
        };
        let error = finish(&mut method).unwrap_err().to_string();
        assert_eq!(error, "get: the generator sets its header `api-version` in another way");
    }

    #[test]
    fn an_id_is_borrowed_and_other_things_are_written_out() {
        let mut method: ImplItemFn = parse_quote! {
            pub async fn get<'a>(&'a self, id: &'a crate::OrderId, page: i64) {
                let url = format!("{}/{}/{}", self.baseurl, encode_path(&id.to_string()), encode_path(&page.to_string()));
                header_map.append("api-version", "1");
            }
        };
        finish(&mut method).unwrap();
        let expected: ImplItemFn = parse_quote! {
            pub async fn get<'a>(&'a self, id: &'a crate::OrderId, page: i64) {
                let url = format!("{}/{}/{}", self.baseurl, encode_path(id.as_ref()), encode_path(&page.to_string()));
            }
        };
        assert_eq!(quote!(#method).to_string(), quote!(#expected).to_string());
    }
}
