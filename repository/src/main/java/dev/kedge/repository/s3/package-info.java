/**
 * Buckets of S3 as backup targets. {@link dev.kedge.repository.s3.S3Target} is the way in; what it
 * asks of the store goes through {@link dev.kedge.repository.s3.S3Bucket}, which knows the AWS SDK,
 * names failures, and nothing else.
 *
 * <p>A large object goes out as a multipart upload: {@code S3Output} fills parts, {@code
 * PartUploader} sends a bounded number of them at a time. The first part waits for the header as a
 * {@code HeldPart}. A large object comes in by ranges: {@code S3Input} asks {@code RangeReader} for
 * long ones and {@code RangeCache} for short ones.
 *
 * <p>Nothing outside refers to these classes but by {@code s3://} locations, so that no command
 * loads the SDK for a directory.
 */
@NullMarked
package dev.kedge.repository.s3;

import org.jspecify.annotations.NullMarked;
