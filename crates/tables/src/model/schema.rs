//! The key of a new table, checked as "CreateTable" documents it.

use super::description::{AttributeDefinition, KeySchemaElement};
use crate::Error;
use expression::{KeyAttribute, KeySchema};

/// The key that a request describes.
pub(crate) fn key_schema(
    elements: &[KeySchemaElement],
    definitions: &[AttributeDefinition],
) -> Result<KeySchema, Error> {
    check_definitions(definitions)?;
    let (partition, sort) = check_elements(elements)?;
    let attribute = |element: &KeySchemaElement| {
        let definition =
            definitions.iter().find(|known| known.attribute_name == element.attribute_name);
        definition.map(|found| KeyAttribute {
            name: found.attribute_name.clone(),
            key_type: found.attribute_type,
        })
    };
    let undefined = || undefined(elements, definitions);
    let schema = KeySchema {
        partition: attribute(partition).ok_or_else(undefined)?,
        sort: sort.map(|sort| attribute(sort).ok_or_else(undefined)).transpose()?,
    };
    if definitions.len() != elements.len() {
        return Err(unmatched());
    }
    Ok(schema)
}

/// Some attributes of the key have no definition: in the words that DynamoDB has for as few
/// definitions as there are keys, and for fewer (as moto's tests have them, which run against AWS).
fn undefined(elements: &[KeySchemaElement], definitions: &[AttributeDefinition]) -> Error {
    if definitions.len() < elements.len() {
        return Error::validation("Invalid KeySchema: Some index key attribute have no definition");
    }
    if definitions.len() > elements.len() {
        return unmatched();
    }
    let known: Vec<&str> = definitions.iter().map(|one| one.attribute_name.as_str()).collect();
    let keys = elements.iter().map(|element| element.attribute_name.as_str());
    let missing: Vec<&str> = keys.filter(|name| !known.contains(name)).collect();
    Error::invalid(format_args!(
        "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], \
         AttributeDefinitions: [{}]",
        missing.join(", "),
        known.join(", ")
    ))
}

fn unmatched() -> Error {
    Error::invalid(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in \
         AttributeDefinitions",
    )
}

fn check_definitions(definitions: &[AttributeDefinition]) -> Result<(), Error> {
    for (at, definition) in definitions.iter().enumerate() {
        let name = &definition.attribute_name;
        if definitions[..at].iter().any(|earlier| earlier.attribute_name == *name) {
            return Err(Error::validation(format!("Attribute Name is duplicated: {name}")));
        }
    }
    Ok(())
}

type Elements<'e> = (&'e KeySchemaElement, Option<&'e KeySchemaElement>);

fn check_elements(elements: &[KeySchemaElement]) -> Result<Elements<'_>, Error> {
    let (partition, sort) = match elements {
        [] => return Err(missing("keySchema")),
        [partition] => (partition, None),
        [partition, sort] => (partition, Some(sort)),
        [first, .., last] => {
            let kind = if last.key_type == first.key_type { "HASH" } else { "RANGE" };
            return Err(Error::invalid(format_args!(
                "The KeySchema exceeds the maximum allowed number of {kind} key attributes"
            )));
        }
    };
    if partition.key_type != "HASH" {
        let text = "Invalid KeySchema: The first KeySchemaElement is not a HASH key type";
        return Err(Error::validation(text));
    }
    if let Some(sort) = sort {
        if sort.attribute_name == partition.attribute_name {
            return Err(Error::validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name",
            ));
        }
        if sort.key_type != "RANGE" {
            let text = "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type";
            return Err(Error::validation(text));
        }
    }
    Ok((partition, sort))
}

/// A member that the model has as optional and a table can not do without.
fn missing(member: &str) -> Error {
    Error::validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
         Member must not be null"
    ))
}
