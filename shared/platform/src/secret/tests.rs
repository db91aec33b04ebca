//! Secrets over the SDK's own request path.

use super::*;
use crate::aws::fake::{Fake, Reply};

const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:backhaul/customers-AbCdEf";

fn value(text: &str) -> Reply {
    Reply::new(
        200,
        serde_json::json!({ "Name": "backhaul/customers", "SecretString": text }).to_string(),
    )
}

fn refusal(code: &str) -> Reply {
    Reply::new(400, serde_json::json!({ "__type": code, "message": "no" }).to_string())
}

async fn failure(reply: Reply) -> PlatformError {
    let error = Secrets::new(Fake::new([reply]).aws())
        .read("backhaul/customers", None)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("`backhaul/customers`"), "{error}");
    error
}

#[test]
fn debug_form_hides_the_text() {
    let secret = Secret::new("topsecret".to_owned());
    assert_eq!(format!("{secret:?}"), "Secret(redacted)");
    assert_eq!(secret.expose(), "topsecret");
}

#[test]
fn region_comes_from_the_arn() {
    assert_eq!(region_of(ARN), Some("eu-west-1"));
    assert_eq!(
        region_of("arn:aws-cn:secretsmanager:cn-north-1:1:secret:a"),
        Some("cn-north-1")
    );
    for id in [
        "backhaul/customers",
        "arn:aws:s3:::bucket",
        "arn:aws:secretsmanager",
        "arn:aws:secretsmanager::1:secret:a",
    ] {
        assert_eq!(region_of(id), None, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn secret_is_kept_for_its_lifetime_and_then_read_again() {
    let fake = Fake::new([value(r#"{"a": "one", "b": "two"}"#), value(r#"{"a": "three"}"#)]);
    let secrets = Secrets::new(fake.aws());
    assert_eq!(secrets.read("id", Some("a")).await.unwrap().expose(), "one");
    let second = Duration::from_secs(1);
    tokio::time::advance(SECRET_LIFETIME.saturating_sub(second)).await;
    assert_eq!(secrets.read("id", Some("b")).await.unwrap().expose(), "two");
    assert_eq!(fake.asked().len(), 1);
    tokio::time::advance(second).await;
    assert_eq!(secrets.read("id", Some("a")).await.unwrap().expose(), "three");
    assert!(!format!("{secrets:?}").contains("three"), "{secrets:?}");
}

#[tokio::test(start_paused = true)]
async fn secret_is_read_again_as_soon_as_is_asked_for() {
    let fake = Fake::new([value("one"), value("two")]);
    let secrets = Secrets::new(fake.aws()).kept_for(Duration::from_secs(10));
    assert_eq!(secrets.read("id", None).await.unwrap().expose(), "one");
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(secrets.read("id", None).await.unwrap().expose(), "two");
}

#[tokio::test]
async fn secret_that_does_not_fit_is_not_kept() {
    let fake = Fake::new([value(" "), value("k3y\n")]);
    let secrets = Secrets::new(fake.aws());
    assert!(secrets.read("id", None).await.is_err());
    assert_eq!(secrets.read("id", None).await.unwrap().expose(), "k3y");
}

#[tokio::test]
async fn region_of_the_arn_is_asked() {
    let fake = Fake::new([value("k3y")]);
    Secrets::new(fake.aws()).read(ARN, None).await.unwrap();
    assert!(
        fake.asked()[0].line.contains("secretsmanager.eu-west-1."),
        "{}",
        fake.asked()[0].line
    );
}

#[tokio::test(start_paused = true)]
async fn throttle_is_waited_out_and_passing() {
    for reply in [
        refusal("ThrottlingException"),
        refusal("com.amazonaws.secretsmanager#ThrottlingException"),
        Reply::new(429, r#"{"__type": "TooManyRequestsException"}"#),
        Reply::new(500, r#"{"__type": "InternalServiceError"}"#),
        Reply::new(503, ""),
        Reply::lost(),
    ] {
        let fake = Fake::new([reply.clone(), reply.clone(), value("k3y")]);
        let secret = Secrets::new(fake.aws()).read("id", None).await;
        assert_eq!(secret.unwrap().expose(), "k3y", "{reply:?}");
        let fake = Fake::new(vec![reply; 50]);
        let error = Secrets::new(fake.aws()).read("id", None).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert_eq!(error.name(), crate::ErrorName::Unavailable, "{error}");
    }
}

#[tokio::test]
async fn refusals_name_the_secret_and_the_remedy() {
    for (code, remedy) in [
        ("ResourceNotFoundException", "create it"),
        ("AccessDeniedException", "allow secretsmanager:GetSecretValue"),
        ("DecryptionFailure", "allow kms:Decrypt"),
        ("InvalidRequestException", "restore it"),
    ] {
        let error = failure(refusal(code)).await;
        assert!(error.to_string().contains(remedy) && !error.is_retryable(), "{error}");
    }
}

#[tokio::test]
async fn binary_secret_is_refused() {
    let error = failure(Reply::new(200, r#"{"SecretBinary": "azN5"}"#)).await;
    assert!(error.to_string().contains("store the write key as text"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn broken_reply_is_never_quoted() {
    let replies = vec![Reply::new(200, r#"{"SecretString": "k3y-canary""#); 9];
    let error = Secrets::new(Fake::new(replies).aws())
        .read("id", None)
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        matches!(error, PlatformError::SecretService { .. }) && !shown.contains("canary"),
        "{shown}"
    );
}
