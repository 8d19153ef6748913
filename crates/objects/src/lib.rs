//! S3: buckets and objects. The model is here first; the operations follow.
