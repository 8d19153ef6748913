//! `FunctionUrlConfig`: a URL, and who may use it.

use serde_json::json;

use super::super::Sam;
use super::super::build::Build;
use super::Target;
use crate::error::{Error, Result};
use crate::node::{Data, Map, Node};

const MEMBERS: [&str; 3] = ["AuthType", "Cors", "InvokeMode"];

/// The URL, and with `AuthType: NONE` the permissions that make it public.
pub(super) fn resources(sam: &Sam<'_>, target: &Target) -> Result<Map> {
    let mut made = Map::new();
    let Some(config) = sam.filled("FunctionUrlConfig") else { return Ok(made) };
    let auth = check(sam, config)?;
    let name = || target.name(sam.at);
    let url = Build::new(sam, "AWS::Lambda::Url")
        .maybe("Cors", config.get("Cors").filter(|cors| super::super::is_filled(cors)))
        .set("AuthType", auth.clone())
        .set("TargetFunctionArn", name())
        .maybe("InvokeMode", config.get("InvokeMode"));
    made.insert(format!("{}Url", sam.id), url.finish());
    if auth.as_str() != Some("NONE") {
        return Ok(made);
    }
    let permission = |action: &str| {
        Build::new(sam, "AWS::Lambda::Permission")
            .text("Action", action)
            .set("FunctionName", name())
            .text("Principal", "*")
    };
    let call = permission("lambda:InvokeFunctionUrl").set("FunctionUrlAuthType", auth.clone());
    made.insert(format!("{}UrlPublicPermissions", sam.id), call.finish());
    let invoke = permission("lambda:InvokeFunction").json("InvokedViaFunctionUrl", &json!(true));
    made.insert(format!("{}URLInvokeAllowPublicAccess", sam.id), invoke.finish());
    Ok(made)
}

/// Checks the configuration and answers its authorisation type.
fn check<'n>(sam: &Sam<'_>, config: &'n Node) -> Result<&'n Node> {
    for (name, node) in config.as_map().into_iter().flatten() {
        if !MEMBERS.contains(&name.as_str()) {
            let what = format!("The member {name} of FunctionUrlConfig (resource {})", sam.id);
            return Err(Error::refused(node.at, what));
        }
    }
    if let Some(cors) = config.get("Cors").filter(|cors| cors.intrinsic().is_none()) {
        check_cors(sam, cors)?;
    }
    match config.get("AuthType") {
        Some(auth) if auth.intrinsic().is_some() => Ok(auth),
        Some(auth) if matches!(auth.as_str(), Some("AWS_IAM" | "NONE")) => Ok(auth),
        other => {
            let message = "AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or NONE.";
            Err(sam.invalid(other.unwrap_or(config).at, message))
        }
    }
}

fn check_cors(sam: &Sam<'_>, cors: &Node) -> Result<()> {
    let map = cors.as_map().ok_or_else(|| {
        sam.invalid(cors.at, "Property 'FunctionUrlConfig.Cors' should be a map.")
    })?;
    for (name, node) in map {
        let wanted = match name.as_str() {
            "AllowOrigins" | "AllowMethods" | "AllowHeaders" | "ExposeHeaders" => "list",
            "AllowCredentials" => "bool",
            "MaxAge" => "int",
            other => {
                let message = format!("{other} is not a valid property for configuring Cors.");
                return Err(sam.invalid(node.at, message));
            }
        };
        let right = match &node.data {
            Data::List(_) => wanted == "list",
            Data::Bool(_) => wanted == "bool",
            Data::Number(number) => wanted == "int" && !number.is_f64(),
            _ => node.intrinsic().is_some(),
        };
        if !right {
            return Err(sam.invalid(node.at, format!("{name} must be of type {wanted}.")));
        }
    }
    Ok(())
}
