//! SAM's policy templates for the services that Pileus has or plans, as data.
//!
//! Source: "AWS SAM policy templates", AWS SAM Developer Guide.

/// A named policy with parameters.
pub(super) struct PolicyTemplate {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [&'static str],
    pub(super) statements: &'static [Statement],
}

/// One statement; all of them allow.
pub(super) struct Statement {
    pub(super) actions: Words,
    /// What follows `arn:${AWS::Partition}:` in the resource, or `*`, or only a variable. A variable
    /// stands for the parameter of the same name in other case.
    pub(super) resources: Words,
}

/// Whether IAM's member is written as a string or a list does not matter to IAM, but it is kept as
/// SAM writes it.
pub(super) enum Words {
    One(&'static str),
    Many(&'static [&'static str]),
}

use Words::{Many, One};

#[rustfmt::skip]
pub(super) const POLICY_TEMPLATES: &[PolicyTemplate] = &[
    PolicyTemplate {
        name: "AWSSecretsManagerGetSecretValuePolicy",
        parameters: &["SecretArn"],
        statements: &[
            Statement {
                actions: Many(&["secretsmanager:GetSecretValue"]),
                resources: One("${secretArn}"),
            },
        ],
    },
    PolicyTemplate {
        name: "CloudFormationDescribeStacksPolicy",
        parameters: &[],
        statements: &[
            Statement {
                actions: Many(&["cloudformation:DescribeStacks"]),
                resources: One("cloudformation:${AWS::Region}:${AWS::AccountId}:stack/*"),
            },
        ],
    },
    PolicyTemplate {
        name: "CloudWatchPutMetricPolicy",
        parameters: &[],
        statements: &[
            Statement {
                actions: Many(&["cloudwatch:PutMetricData"]),
                resources: One("*"),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBBackupFullAccessPolicy",
        parameters: &["TableName"],
        statements: &[
            Statement {
                actions: Many(&["dynamodb:CreateBackup", "dynamodb:DescribeContinuousBackups"]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}"),
            },
            Statement {
                actions: Many(&[
                    "dynamodb:DeleteBackup", "dynamodb:DescribeBackup", "dynamodb:ListBackups",
                ]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/backup/*"),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBCrudPolicy",
        parameters: &["TableName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "dynamodb:GetItem", "dynamodb:DeleteItem", "dynamodb:PutItem",
                    "dynamodb:Scan", "dynamodb:Query", "dynamodb:UpdateItem",
                    "dynamodb:BatchWriteItem", "dynamodb:BatchGetItem",
                    "dynamodb:DescribeTable", "dynamodb:ConditionCheckItem",
                ]),
                resources: Many(&[
                    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}",
                    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/index/*",
                ]),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBReadPolicy",
        parameters: &["TableName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "dynamodb:GetItem", "dynamodb:Scan", "dynamodb:Query",
                    "dynamodb:BatchGetItem", "dynamodb:DescribeTable",
                ]),
                resources: Many(&[
                    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}",
                    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/index/*",
                ]),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBReconfigurePolicy",
        parameters: &["TableName"],
        statements: &[
            Statement {
                actions: Many(&["dynamodb:UpdateTable"]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBRestoreFromBackupPolicy",
        parameters: &["TableName"],
        statements: &[
            Statement {
                actions: Many(&["dynamodb:RestoreTableFromBackup"]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/backup/*"),
            },
            Statement {
                actions: Many(&[
                    "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
                    "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
                    "dynamodb:BatchWriteItem",
                ]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBStreamReadPolicy",
        parameters: &["StreamName", "TableName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "dynamodb:DescribeStream", "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                ]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/stream/${streamName}"),
            },
            Statement {
                actions: Many(&["dynamodb:ListStreams"]),
                resources: One("dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/stream/*"),
            },
        ],
    },
    PolicyTemplate {
        name: "DynamoDBWritePolicy",
        parameters: &["TableName"],
        statements: &[
            Statement {
                actions: Many(&["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"]),
                resources: Many(&[
                    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}",
                    "dynamodb:${AWS::Region}:${AWS::AccountId}:table/${tableName}/index/*",
                ]),
            },
        ],
    },
    PolicyTemplate {
        name: "EventBridgePutEventsPolicy",
        parameters: &["EventBusName"],
        statements: &[
            Statement {
                actions: One("events:PutEvents"),
                resources: One("events:${AWS::Region}:${AWS::AccountId}:event-bus/${eventBusName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "FilterLogEventsPolicy",
        parameters: &["LogGroupName"],
        statements: &[
            Statement {
                actions: Many(&["logs:FilterLogEvents"]),
                resources: One("logs:${AWS::Region}:${AWS::AccountId}:log-group:${logGroupName}:log-stream:*"),
            },
        ],
    },
    PolicyTemplate {
        name: "KMSDecryptPolicy",
        parameters: &["KeyId"],
        statements: &[
            Statement {
                actions: One("kms:Decrypt"),
                resources: One("kms:${AWS::Region}:${AWS::AccountId}:key/${keyId}"),
            },
        ],
    },
    PolicyTemplate {
        name: "KMSEncryptPolicy",
        parameters: &["KeyId"],
        statements: &[
            Statement {
                actions: One("kms:Encrypt"),
                resources: One("kms:${AWS::Region}:${AWS::AccountId}:key/${keyId}"),
            },
        ],
    },
    PolicyTemplate {
        name: "KMSEncryptPolicy_v2",
        parameters: &["KeyId"],
        statements: &[
            Statement {
                actions: Many(&[
                    "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext",
                ]),
                resources: One("kms:${AWS::Region}:${AWS::AccountId}:key/${keyId}"),
            },
        ],
    },
    PolicyTemplate {
        name: "KinesisCrudPolicy",
        parameters: &["StreamName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "kinesis:AddTagsToStream", "kinesis:CreateStream",
                    "kinesis:DecreaseStreamRetentionPeriod", "kinesis:DeleteStream",
                    "kinesis:DescribeStream", "kinesis:DescribeStreamSummary",
                    "kinesis:GetShardIterator", "kinesis:IncreaseStreamRetentionPeriod",
                    "kinesis:ListTagsForStream", "kinesis:MergeShards", "kinesis:PutRecord",
                    "kinesis:PutRecords", "kinesis:SplitShard", "kinesis:RemoveTagsFromStream",
                ]),
                resources: One("kinesis:${AWS::Region}:${AWS::AccountId}:stream/${streamName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "KinesisStreamReadPolicy",
        parameters: &["StreamName"],
        statements: &[
            Statement {
                actions: Many(&["kinesis:ListStreams", "kinesis:DescribeLimits"]),
                resources: One("kinesis:${AWS::Region}:${AWS::AccountId}:stream/*"),
            },
            Statement {
                actions: Many(&[
                    "kinesis:DescribeStream", "kinesis:DescribeStreamSummary",
                    "kinesis:GetRecords", "kinesis:GetShardIterator",
                ]),
                resources: One("kinesis:${AWS::Region}:${AWS::AccountId}:stream/${streamName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "LambdaInvokePolicy",
        parameters: &["FunctionName"],
        statements: &[
            Statement {
                actions: Many(&["lambda:InvokeFunction"]),
                resources: One("lambda:${AWS::Region}:${AWS::AccountId}:function:${functionName}*"),
            },
        ],
    },
    PolicyTemplate {
        name: "S3CrudPolicy",
        parameters: &["BucketName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation",
                    "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl",
                    "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration",
                    "s3:DeleteObject",
                ]),
                resources: Many(&["s3:::${bucketName}", "s3:::${bucketName}/*"]),
            },
        ],
    },
    PolicyTemplate {
        name: "S3FullAccessPolicy",
        parameters: &["BucketName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectVersion", "s3:PutObject",
                    "s3:PutObjectAcl", "s3:DeleteObject", "s3:DeleteObjectTagging",
                    "s3:DeleteObjectVersionTagging", "s3:GetObjectTagging",
                    "s3:GetObjectVersionTagging", "s3:PutObjectTagging",
                    "s3:PutObjectVersionTagging",
                ]),
                resources: Many(&["s3:::${bucketName}/*"]),
            },
            Statement {
                actions: Many(&[
                    "s3:ListBucket", "s3:GetBucketLocation", "s3:GetLifecycleConfiguration",
                    "s3:PutLifecycleConfiguration",
                ]),
                resources: Many(&["s3:::${bucketName}"]),
            },
        ],
    },
    PolicyTemplate {
        name: "S3ReadPolicy",
        parameters: &["BucketName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation",
                    "s3:GetObjectVersion", "s3:GetLifecycleConfiguration",
                ]),
                resources: Many(&["s3:::${bucketName}", "s3:::${bucketName}/*"]),
            },
        ],
    },
    PolicyTemplate {
        name: "S3WritePolicy",
        parameters: &["BucketName"],
        statements: &[
            Statement {
                actions: Many(&["s3:PutObject", "s3:PutObjectAcl", "s3:PutLifecycleConfiguration"]),
                resources: Many(&["s3:::${bucketName}", "s3:::${bucketName}/*"]),
            },
        ],
    },
    PolicyTemplate {
        name: "SNSCrudPolicy",
        parameters: &["TopicName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "sns:ListSubscriptionsByTopic", "sns:CreateTopic", "sns:SetTopicAttributes",
                    "sns:Subscribe", "sns:Publish",
                ]),
                resources: One("sns:${AWS::Region}:${AWS::AccountId}:${topicName}*"),
            },
        ],
    },
    PolicyTemplate {
        name: "SNSPublishMessagePolicy",
        parameters: &["TopicName"],
        statements: &[
            Statement {
                actions: Many(&["sns:Publish"]),
                resources: One("sns:${AWS::Region}:${AWS::AccountId}:${topicName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "SQSPollerPolicy",
        parameters: &["QueueName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "sqs:ChangeMessageVisibility", "sqs:ChangeMessageVisibilityBatch",
                    "sqs:DeleteMessage", "sqs:DeleteMessageBatch", "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                ]),
                resources: One("sqs:${AWS::Region}:${AWS::AccountId}:${queueName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "SQSSendMessagePolicy",
        parameters: &["QueueName"],
        statements: &[
            Statement {
                actions: Many(&["sqs:SendMessage*"]),
                resources: One("sqs:${AWS::Region}:${AWS::AccountId}:${queueName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "SSMParameterReadPolicy",
        parameters: &["ParameterName"],
        statements: &[
            Statement {
                actions: Many(&["ssm:DescribeParameters"]),
                resources: One("*"),
            },
            Statement {
                actions: Many(&["ssm:GetParameters", "ssm:GetParameter", "ssm:GetParametersByPath"]),
                resources: One("ssm:${AWS::Region}:${AWS::AccountId}:parameter/${parameterName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "SSMParameterWithSlashPrefixReadPolicy",
        parameters: &["ParameterName"],
        statements: &[
            Statement {
                actions: Many(&["ssm:DescribeParameters"]),
                resources: One("*"),
            },
            Statement {
                actions: Many(&["ssm:GetParameters", "ssm:GetParameter", "ssm:GetParametersByPath"]),
                resources: One("ssm:${AWS::Region}:${AWS::AccountId}:parameter${parameterName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "StepFunctionsCallbackPolicy",
        parameters: &["StateMachineName"],
        statements: &[
            Statement {
                actions: Many(&[
                    "states:SendTaskFailure", "states:SendTaskHeartbeat",
                    "states:SendTaskSuccess",
                ]),
                resources: One("states:${AWS::Region}:${AWS::AccountId}:stateMachine:${stateMachineName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "StepFunctionsExecutionPolicy",
        parameters: &["StateMachineName"],
        statements: &[
            Statement {
                actions: Many(&["states:StartExecution"]),
                resources: One("states:${AWS::Region}:${AWS::AccountId}:stateMachine:${stateMachineName}"),
            },
        ],
    },
    PolicyTemplate {
        name: "StepFunctionsExecutionPolicy_v2",
        parameters: &["StateMachineName"],
        statements: &[
            Statement {
                actions: Many(&["states:StartExecution", "states:StartSyncExecution"]),
                resources: One("states:${AWS::Region}:${AWS::AccountId}:stateMachine:${stateMachineName}"),
            },
        ],
    },
];
