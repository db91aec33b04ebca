use hyper::Method;

use super::Refusal;
use crate::check::Kind;

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/v1/batch`, or its alias `/v1/import`.
    Batch,
    /// `/v1/track` and its like: the body is one event of this kind.
    Single(Kind),
}

impl Route {
    /// The endpoint of a request; one slash at the end of the path is ignored.
    ///
    /// # Errors
    /// The refusal of a path or method that the API does not have.
    pub(crate) fn of(method: &Method, path: &str) -> Result<Route, Refusal> {
        let name = path.strip_prefix("/v1/").ok_or(Refusal::NOT_FOUND)?;
        let route = match name.strip_suffix('/').unwrap_or(name) {
            "batch" | "import" => Route::Batch,
            name => Route::Single(Kind::named(name).ok_or(Refusal::NOT_FOUND)?),
        };
        if method == Method::POST {
            Ok(route)
        } else {
            Err(Refusal::METHOD)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_endpoints_with_and_without_a_slash_at_the_end() {
        for path in ["/v1/batch", "/v1/batch/", "/v1/import", "/v1/import/"] {
            assert_eq!(Route::of(&Method::POST, path), Ok(Route::Batch), "{path}");
        }
        for kind in Kind::ALL {
            for path in [format!("/v1/{}", kind.name()), format!("/v1/{}/", kind.name())] {
                assert_eq!(Route::of(&Method::POST, &path), Ok(Route::Single(kind)), "{path}");
            }
        }
    }

    #[test]
    fn knows_no_other_path_or_method() {
        for path in [
            "/",
            "/v1/",
            "/v1/batch//",
            "/v2/batch",
            "/batch",
            "/v1/Batch",
            "/v1/delete",
        ] {
            assert_eq!(Route::of(&Method::POST, path), Err(Refusal::NOT_FOUND), "{path}");
        }
        assert_eq!(Route::of(&Method::GET, "/v1/batch"), Err(Refusal::METHOD));
    }
}
