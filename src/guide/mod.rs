#![cfg_attr(feature = "sandbox", doc = include_str!("index.md"))]
#![cfg_attr(
    not(feature = "sandbox"),
    doc = "The guide. Its examples run on the sandbox: all but one page is shown with the feature `sandbox`."
)]

/// The pages, which are written in the files beside this one.
macro_rules! pages {
    ($($page:ident),+) => {$(
        #[cfg(feature = "sandbox")]
        #[doc = include_str!(concat!(stringify!($page), ".md"))]
        pub mod $page {}
    )+};
}
pages!(
    first_order,
    signers_and_documents,
    embedded_signing,
    notifications,
    waiting,
    downloads,
    errors,
    retries,
    testing,
    production,
    older_hosts,
    blocking,
    from_dotnet
);

#[doc = include_str!("faults.md")]
pub mod faults {}
