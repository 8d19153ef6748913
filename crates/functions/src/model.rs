//! Stored records, and the rules of functions as functions on a transaction.

mod alias;
mod concurrency;
mod describe;
mod function;
mod invoke_config;
mod layer;
mod logging;
mod mapping;
mod name;
mod page;
mod policy;
mod policy_owner;
mod provisioned;
mod settings;
mod url;
mod version;

pub(crate) use alias::{Alias, AliasView, Routing, aliases, find_alias, the_alias};
pub(crate) use concurrency::{
    AllReserved, Reserved, all_reserved, reserve, reserved, share, unprovision,
};
pub(crate) use describe::{Configuration, describe};
pub(crate) use function::{
    Function, RecursiveLoop, check_revision, check_tags, drawn, find, list, permission, save, the,
};
pub(crate) use invoke_config::{Destinations, InvokeConfig, InvokeConfigView};
pub(crate) use layer::{
    About, LayerItem, LayerName, LayerRef, LayerVersion, LayerView, find_layer, get_layer,
    layer_names, layer_permission, layer_version, layer_version_permission, layers_permissions,
    list_layer_versions, publish_layer, the_layer, use_layers,
};
pub(crate) use logging::log_format;
pub(crate) use mapping::{
    FilterCriteria, MappingView, QueueFacts, Scaling, check_batch, check_role, find_mapping,
    mapping_permission, queue_of, view_mapping,
};
pub(crate) use name::{FunctionName, LATEST, Qualifier, qualified};
pub(crate) use page::{page, read_marker};
pub(crate) use policy::{NewStatement, document, policy_text, statement_exists};
pub(crate) use policy_owner::PolicyOwner;
pub(crate) use provisioned::{
    Provisioned, ProvisionedView, alias_changed, all_provisioned, all_provisioned_of,
    check_unweighted, find_provisioned, instance_key, provision, provisioned_name,
};
pub(crate) use settings::{
    Architectures, CodeLocation, Settings, SettingsInput, check_runtime, split,
};
pub(crate) use url::{
    AuthType, Cors, InvokeMode, Url, UrlView, find_url, the_of_url, the_url_of, url_of, urls_of,
};
pub(crate) use version::{Publication, list_versions, publish};
