//! The `OpenAPI` document, derived from the handlers and completed from the table of routes.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::Value;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Object, OpenApi, PathItem, Ref, RefOr, Required, ResponseBuilder, Type};
use utoipa::{Modify, OpenApi as Derive};

use crate::api::problem::{Code, ProblemOut};
use crate::api::routes::{Body, ROUTES, Route};
use crate::api::{
    ask, asks, attachments, chats, customers, documents, duplicates, events, heads, health, incidents, insights, mails, people, playbook,
    register, search, side_conversations, suggestions, tickets, tokens, triage, usage, users, webhooks,
};
use crate::wire::webhook::{MessageOut, PingOut, SuggestionReadyOut, TicketTriagedOut};

/// One answer for each route that has one, as `METHOD path`; the text `@name` stands for the entry of that name.
const EXAMPLES: &str = include_str!("examples.json");

#[derive(Derive)]
#[openapi(
    info(title = "Backchannel", description = "Triage and copilot for support desks that learns from side conversations.\n\nLists take `?limit=&cursor=` and answer `{\"items\": […], \"next_cursor\": …}`. What is unknown is null, never left out. Errors are problem documents (RFC 9457) whose `code` never changes its meaning. A POST that creates honours `Idempotency-Key`."),
    components(schemas(ProblemOut, MessageOut<TicketTriagedOut>, MessageOut<SuggestionReadyOut>, MessageOut<PingOut>)),
    paths(
        tickets::put_ticket, tickets::list, tickets::read, tickets::comment, tickets::correct, tickets::take_correction_back, duplicates::say, duplicates::take_back, incidents::list, incidents::read, triage::of_ticket, triage::why, events::follow, triage::triage,
        attachments::upload, attachments::read, attachments::content, attachments::delete, suggestions::panel, ask::ask, suggestions::feedback, suggestions::set_aside, suggestions::bring_back, suggestions::experts, search::search, side_conversations::list,
        side_conversations::open, side_conversations::draft, side_conversations::check, asks::decide, side_conversations::read,
        side_conversations::change, side_conversations::message, side_conversations::summary, side_conversations::loose_ends,
        side_conversations::deliver, side_conversations::decide_mail, mails::take, chats::slack, chats::teams, documents::put_document,
        documents::list, documents::read, documents::delete, people::people, people::put_person, people::person,
        people::delete_person, people::teams, people::put_team, people::team, people::delete_team, people::channels, people::put_channel,
        people::channel, people::delete_channel, customers::put_customer, customers::list, customers::read, customers::delete,
        register::import, register::export, playbook::read,
        playbook::apply, heads::list, heads::train, heads::hold, heads::follow, heads::thresholds, heads::suspects, users::list, users::invite, users::read, users::change, users::reset, tokens::list, tokens::create,
        tokens::revoke, webhooks::list, webhooks::create, webhooks::read, webhooks::delete, webhooks::rotate, webhooks::enable, webhooks::ping,
        webhooks::deliveries, webhooks::replay, insights::read, usage::usage, usage::audit, health::live, health::ready, health::describe,
    ),
    modifiers(&FromTable)
)]
struct Document;

/// Adds what the table of routes knows: the token, the permission, the idempotency key, the problems and an example answer.
struct FromTable;

/// Writes the `OpenAPI` document, the same bytes at every call.
#[must_use]
pub fn openapi() -> String {
    Document::openapi().to_pretty_json().expect("a document made of strings is JSON: this is a bug")
}

impl Modify for FromTable {
    fn modify(&self, document: &mut OpenApi) {
        let mut token = Http::new(HttpAuthScheme::Bearer);
        token.description = Some("An API token: `bc_` and 46 letters and digits.".to_owned());
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES).expect("the file of examples is JSON: this is a bug");
        for route in ROUTES {
            let item = document.paths.paths.get_mut(route.path);
            if let Some(operation) = item.and_then(|item| operation(item, &route.method)) {
                complete(operation, route);
                if let Some(example) = examples.get(&format!("{} {}", route.method, route.path)) {
                    exemplify(operation, &resolve(example, &examples));
                }
            }
        }
    }
}

/// The operation of a path for a method.
fn operation<'a>(item: &'a mut PathItem, method: &Method) -> Option<&'a mut Operation> {
    match method.as_str() {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}

fn complete(operation: &mut Operation, route: &Route) {
    operation.operation_id = Some(operation_id(route));
    if let Some(permission) = route.permission {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], _>("token", [])]);
        let permission = format!("{permission:?}").to_lowercase();
        let description = operation.description.take().map_or_else(String::new, |text| format!("{text}\n\n"));
        operation.description = Some(format!("{description}Needs the permission `{permission}`."));
    }
    if route.creates {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("Up to 255 visible ASCII characters: the same call sent again with it is answered from memory."))
            .schema(Some(Object::with_type(Type::String)));
        operation.parameters.get_or_insert_default().push(RefOr::T(key.build()));
    }
    for (status, codes) in problems(route) {
        operation.responses.responses.insert(status.to_string(), RefOr::T(problem(&codes)));
    }
}

/// A name for generated clients, such as `get_tickets_ticket_triage`; the handlers' own names repeat.
fn operation_id(route: &Route) -> String {
    let path: String = route.path.strip_prefix("/v1").unwrap_or(route.path).chars().filter(|c| !matches!(c, '{' | '}')).collect();
    format!("{}{}", route.method.as_str().to_lowercase(), path.replace(['/', '-', '.'], "_"))
}

/// Where what somebody sends is looked at by the guard.
const MAY_BE_HELD: [&str; 3] =
    ["/v1/tickets/{ticket}/comments", "/v1/tickets/{ticket}/side-conversations", "/v1/side-conversations/{id}/messages"];

/// The problems that a route can answer with, by status.
fn problems(route: &Route) -> BTreeMap<u16, Vec<Code>> {
    let fits = |code: Code| match code {
        Code::BodyNotJson => matches!(route.body, Body::Json | Body::Upload),
        Code::Unauthenticated | Code::TooManyRequests if route.body == Body::Signed => true,
        Code::MediaTypeUnsupported => matches!(route.body, Body::Json | Body::Upload | Body::Lines),
        Code::BodyTooLarge | Code::BodyInvalid | Code::BodyCutOff => route.body != Body::None,
        Code::BodyNotMultipart => matches!(route.body, Body::Upload | Body::File),
        Code::QueryInvalid => {
            (route.method == Method::GET && route.permission.is_some()) || route.body == Body::File || route.path == "/v1/import"
        }
        Code::IdempotencyKeyInvalid | Code::IdempotencyKeyInUse | Code::IdempotencyKeyReused | Code::IdempotencyOutcomeUnknown => {
            route.creates
        }
        Code::Conflict => {
            let may_be_in_use =
                ["/v1/users/", "/v1/teams/", "/v1/customers/", "/v1/webhooks/"].iter().any(|place| route.path.starts_with(place));
            route.creates || may_be_in_use && route.method != Method::GET
        }
        Code::Unauthenticated | Code::Forbidden | Code::TooManyRequests | Code::Overloaded => route.permission.is_some(),
        Code::NotFound => route.path.contains('{') || matches!(route.path, "/v1/experts" | "/v1/heads/held" | "/v1/heads/thresholds"),
        Code::MessageHeld => MAY_BE_HELD.contains(&route.path) && route.method == Method::POST,
        Code::RouteUnknown | Code::MethodNotAllowed => false,
        Code::Internal | Code::Unavailable | Code::TimedOut => true,
    };
    let mut problems: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in Code::ALL.iter().copied().filter(|code| fits(*code)) {
        problems.entry(code.status().as_u16()).or_default().push(code);
    }
    problems
}

fn problem(codes: &[Code]) -> utoipa::openapi::Response {
    let words: Vec<String> = codes.iter().map(|code| format!("`{}`: {}", code.as_str(), code.title())).collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut response = ResponseBuilder::new().description(words.join(" · ")).content("application/problem+json", content);
    if matches!(codes[0], Code::TooManyRequests | Code::Overloaded | Code::Unavailable | Code::TimedOut) {
        let seconds =
            HeaderBuilder::new().description(Some("When to try again, in seconds.")).schema(Some(Object::with_type(Type::Integer)));
        response = response.header("Retry-After", seconds.build());
    }
    response.build()
}

/// Puts the entries that `@name` stands for in their places.
fn resolve(value: &Value, examples: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::String(name) => match examples.get(name) {
            Some(entry) => resolve(entry, examples),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| resolve(item, examples)).collect(),
        Value::Object(fields) => fields.iter().map(|(key, field)| (key.clone(), resolve(field, examples))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Puts the example beside every successful answer with a body.
fn exemplify(operation: &mut Operation, example: &Value) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with('2')
        {
            for content in response.content.values_mut() {
                if let RefOr::T(content) = content {
                    content.example = Some(example.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn document() -> Value {
        serde_json::from_str(&openapi()).unwrap()
    }

    /// Every operation of the document, as `METHOD path`.
    fn operations(document: &Value) -> BTreeMap<String, &Value> {
        let paths = document["paths"].as_object().unwrap();
        let of_path = |(path, item): (&String, &'_ Value)| {
            let methods: Vec<_> = item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())).collect();
            methods
        };
        let names = paths.iter().flat_map(of_path);
        names.map(|(method, path)| (format!("{method} {path}"), &paths[&path][method.to_lowercase()])).collect()
    }

    #[test]
    fn every_route_is_in_the_document_and_the_other_way_round() {
        let document = document();
        let written: BTreeSet<String> = operations(&document).into_keys().collect();
        let table: BTreeSet<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
        assert_eq!(written, table);
        assert_eq!(table.len(), ROUTES.len());
    }

    #[test]
    fn the_document_is_the_same_at_every_call() {
        assert_eq!(openapi(), openapi());
    }

    #[test]
    fn every_route_says_what_it_is_for_what_it_needs_and_how_it_fails() {
        let document = document();
        let operations = operations(&document);
        for route in ROUTES {
            let name = format!("{} {}", route.method, route.path);
            let operation = operations[&name];
            assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{name} has no summary");
            assert_eq!(operation["security"].is_array(), route.permission.is_some(), "{name}");
            let asks_who = route.permission.is_some() || route.body == Body::Signed;
            assert_eq!(operation["responses"]["401"].is_object(), asks_who, "{name}");
            let content = &operation["responses"]["500"]["content"]["application/problem+json"]["schema"];
            assert_eq!(content["$ref"], "#/components/schemas/Problem", "{name}");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            assert_eq!(parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key"), route.creates, "{name}");
        }
    }

    #[test]
    fn every_body_has_an_example_of_its_shape() {
        let document = document();
        for (name, operation) in operations(&document) {
            for (status, response) in operation["responses"].as_object().unwrap() {
                for content in response["content"].as_object().into_iter().flat_map(|content| content.values()) {
                    if status.starts_with('2') {
                        assert!(!content["example"].is_null(), "{name} has no example for {status}");
                        fits(&document, &content["schema"], &content["example"], &format!("{name} {status}"));
                    }
                }
            }
            for (kind, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let schema = follow(&document, &content["schema"]);
                if kind == "application/json" {
                    assert!(!schema["example"].is_null(), "{name} has no example of its body");
                    fits(&document, schema, &schema["example"], &name);
                }
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: BTreeSet<String> = ROUTES.iter().map(operation_id).collect();
        assert_eq!(names.len(), ROUTES.len());
        assert!(names.contains("post_tickets_ticket_side_conversations") && names.contains("get_openapi_json"));
    }

    #[test]
    fn the_panel_and_the_triage_have_every_key_of_the_contract() {
        let document = document();
        let check = |schema: &str, keys: &[&str]| {
            let required = document["components"]["schemas"][schema]["required"].as_array().unwrap();
            for key in keys {
                assert!(required.iter().any(|known| known == key), "{schema} lacks {key}");
            }
        };
        check(
            "PanelOut",
            &[
                "customer",
                "triage",
                "summary",
                "next_step",
                "passages",
                "similar_tickets",
                "similar_threads",
                "experts",
                "channels",
                "side_conversation_draft",
                "reply_draft",
                "actions",
                "loose_ends",
                "abstained",
            ],
        );
        check(
            "TriageOut",
            &[
                "intents",
                "intent",
                "sentiment",
                "urgency",
                "language",
                "entities",
                "priority",
                "route",
                "tags",
                "duplicates",
                "abstained",
                "evidence",
            ],
        );
        check("TicketIn", &["subject", "body", "requester"]);
    }

    fn follow<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => follow(document, document.pointer(&reference[1..]).unwrap()),
            None => schema,
        }
    }

    /// Checks types, required keys and unknown keys: enough to notice an example that was left behind.
    fn fits(document: &Value, schema: &Value, value: &Value, place: &str) {
        if let Some(wrong) = misfit(document, schema, value) {
            panic!("the example of {place} does not fit: {wrong}");
        }
    }

    fn misfit(document: &Value, schema: &Value, value: &Value) -> Option<String> {
        let schema = follow(document, schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let misfits: Vec<String> = choices.iter().map_while(|choice| misfit(document, choice, value)).collect();
            return (misfits.len() == choices.len()).then(|| misfits.join(" and "));
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if !kinds.is_empty() && !kinds.contains(&kind) {
            return Some(format!("{value} is not {kinds:?}"));
        }
        if let Some(words) = schema["enum"].as_array() {
            return (!words.contains(value)).then(|| format!("{value} is not one of {words:?}"));
        }
        match value {
            Value::Array(items) => items.iter().find_map(|item| misfit(document, &schema["items"], item)),
            Value::Object(fields) => keys(document, schema, fields),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }

    fn keys(document: &Value, schema: &Value, fields: &serde_json::Map<String, Value>) -> Option<String> {
        let parts: Vec<&Value> = match schema["allOf"].as_array() {
            Some(parts) => parts.iter().flat_map(|part| flat(document, part)).collect(),
            None => vec![schema],
        };
        let known: BTreeMap<&String, &Value> = parts.iter().filter_map(|part| part["properties"].as_object()).flatten().collect();
        if known.is_empty() {
            return None;
        }
        let required = parts.iter().filter_map(|part| part["required"].as_array()).flatten().filter_map(Value::as_str);
        let missing = required.into_iter().find(|key| !fields.contains_key(*key)).map(|key| format!("`{key}` is missing"));
        missing.or_else(|| {
            fields.iter().find_map(|(key, field)| match known.get(key) {
                Some(schema) => misfit(document, schema, field).map(|wrong| format!("`{key}`: {wrong}")),
                None => Some(format!("`{key}` is unknown")),
            })
        })
    }

    /// The parts of which a schema is made.
    fn flat<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
        let schema = follow(document, schema);
        match schema["allOf"].as_array() {
            Some(parts) => parts.iter().flat_map(|part| flat(document, part)).collect(),
            None => vec![schema],
        }
    }
}
