//! The ARNs of AWS managed policies that a template names without their path.

/// Managed policies of the path `service-role/`.
const SERVICE_ROLE: [&str; 21] = [
    "AWSAppSyncPushToCloudWatchLogs",
    "AWSBatchServiceEventTargetRole",
    "AWSCodeDeployRoleForLambda",
    "AWSCodeDeployRoleForLambdaLimited",
    "AWSGlueServiceRole",
    "AWSLambdaBasicDurableExecutionRolePolicy",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonS3ObjectLambdaExecutionRolePolicy",
    "AmazonSNSRole",
    "AmazonSageMakerPartnerServiceCatalogProductsLambdaServiceRolePolicy",
    "AmazonSageMakerServiceCatalogProductsLambdaServiceRolePolicy",
    "CloudWatchEventsBuiltInTargetExecutionAccess",
    "CloudWatchEventsInvocationAccess",
];

/// Managed policies of the path `job-function/`.
const JOB_FUNCTION: [&str; 7] = [
    "Billing",
    "DataScientist",
    "DatabaseAdministrator",
    "NetworkAdministrator",
    "SupportUser",
    "SystemAdministrator",
    "ViewOnlyAccess",
];

/// The ARN for the name of a managed policy; an ARN stays as it is. A name that is in no table is
/// one without a path: AWS has about a thousand of them, and IAM refuses those that do not exist.
pub(super) fn arn(partition: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let path = match name {
        _ if SERVICE_ROLE.contains(&name) => "service-role/",
        _ if JOB_FUNCTION.contains(&name) => "job-function/",
        _ => "",
    };
    format!("arn:{partition}:iam::aws:policy/{path}{name}")
}
