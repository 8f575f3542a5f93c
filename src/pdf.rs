//! Whether bytes look like a PDF: as far as can be told without reading it.

/// Readers look for the header of a PDF in its first 1024 bytes (ISO 32000-1, annex H).
pub(crate) const HEADER_WITHIN: usize = 1024;

/// Whether these first bytes hold the header of a PDF.
pub(crate) fn looks_like_pdf(head: &[u8]) -> bool {
    head[..head.len().min(HEADER_WITHIN)].windows(5).any(|window| window == b"%PDF-")
}

/// Whether a content type is that media type, whatever its parameters.
pub(crate) fn is_of_type(content_type: &str, media_type: &str) -> bool {
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
}
