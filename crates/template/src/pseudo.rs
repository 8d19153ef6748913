//! The pseudo parameters.

use serde_json::Value;

/// The values of the pseudo parameters of one stack.
///
/// Source: "Get AWS values using pseudo parameters", AWS CloudFormation User Guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pseudo {
    /// `AWS::AccountId`, 12 digits.
    pub account_id: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::Partition`, such as `aws`.
    pub partition: String,
    /// `AWS::URLSuffix`, such as `amazonaws.com`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::StackId`, the stack's ARN.
    pub stack_id: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
}

/// The names of all pseudo parameters.
pub(crate) const NAMES: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

impl Pseudo {
    /// The value of a pseudo parameter; none for `AWS::NoValue` and other names.
    pub fn get(&self, name: &str) -> Option<Value> {
        let text = match name {
            "AWS::AccountId" => &self.account_id,
            "AWS::Partition" => &self.partition,
            "AWS::Region" => &self.region,
            "AWS::StackId" => &self.stack_id,
            "AWS::StackName" => &self.stack_name,
            "AWS::URLSuffix" => &self.url_suffix,
            "AWS::NotificationARNs" => {
                return Some(self.notification_arns.iter().cloned().map(Value::from).collect());
            }
            _ => return None,
        };
        Some(Value::from(text.clone()))
    }
}
