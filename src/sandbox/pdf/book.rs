//! A PDF under construction.

use chrono::{DateTime, Utc};
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document as Pdf, Object, ObjectId, Stream, dictionary};

use super::signature;

/// Of A4, in points.
const PAGE_SIZE: [i64; 2] = [595, 842];
const LINES_PER_PAGE: usize = 44;
const CHARACTERS_PER_LINE: usize = 90;

/// What a page has from the nodes above it unless it has its own.
const INHERITABLE: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

pub(super) struct Book {
    pdf: Pdf,
    root: ObjectId,
    page_tree: ObjectId,
    font: ObjectId,
    pages: Vec<ObjectId>,
}

impl Book {
    pub(super) fn new() -> Book {
        let mut pdf = Pdf::with_version("1.7");
        let page_tree = pdf.new_object_id();
        let font = pdf.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type1",
            "BaseFont" => "Helvetica",
            "Encoding" => "WinAnsiEncoding",
        });
        let root = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => page_tree });
        pdf.trailer.set("Root", root);
        Book { pdf, root, page_tree, font, pages: Vec::new() }
    }

    /// Takes over the pages of a document. In the place of one that has none that can be read, a page says so.
    pub(super) fn append(&mut self, document: &[u8]) -> lopdf::Result<()> {
        match pages_of(document) {
            Ok(source) if !source.get_pages().is_empty() => self.take_pages(source),
            _ => {
                let why = "The sandbox could not read this document as a PDF.".to_owned();
                self.add_text("No pages to show", &[why, format!("It has {} bytes.", document.len())])
            }
        }
    }

    fn take_pages(&mut self, mut source: Pdf) -> lopdf::Result<()> {
        // Above all numbers that are in use: an object of one document must not replace one of another.
        source.renumber_objects_with(self.pdf.max_id + 1);
        self.pdf.max_id = source.max_id;
        for page in source.page_iter().collect::<Vec<_>>() {
            source.get_dictionary_mut(page)?.set("Parent", self.page_tree);
            self.pages.push(page);
        }
        self.pdf.objects.append(&mut source.objects);
        Ok(())
    }

    /// A title and lines below it, on as many pages as they need.
    pub(super) fn add_text(&mut self, title: &str, lines: &[String]) -> lopdf::Result<()> {
        let lines: Vec<String> = lines.iter().flat_map(|line| wrap(line)).collect();
        for lines in lines.chunks(LINES_PER_PAGE) {
            self.add_page(title, lines)?;
        }
        Ok(())
    }

    fn add_page(&mut self, title: &str, lines: &[String]) -> lopdf::Result<()> {
        let mut operations = vec![Operation::new("BT", vec![])];
        let mut write = |size: i64, y: i64, text: &str| {
            operations.push(Operation::new("Tf", vec!["F1".into(), size.into()]));
            operations.push(Operation::new("Tm", [1, 0, 0, 1, 60, y].map(Object::from).to_vec()));
            operations.push(Operation::new("Tj", vec![Object::string_literal(win_ansi(text))]));
        };
        let mut y = PAGE_SIZE[1] - 80;
        write(18, y, title);
        y -= 14;
        for line in lines {
            y -= 15;
            write(10, y, line);
        }
        operations.push(Operation::new("ET", vec![]));
        let content = self.pdf.add_object(Stream::new(Dictionary::new(), Content { operations }.encode()?));
        let page = self.pdf.add_object(dictionary! {
            "Type" => "Page",
            "Parent" => self.page_tree,
            "MediaBox" => [0, 0, PAGE_SIZE[0], PAGE_SIZE[1]].map(Object::from).to_vec(),
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => self.font } },
            "Contents" => content,
        });
        self.pages.push(page);
        Ok(())
    }

    /// A signature field on the last page, where nobody sees it.
    pub(super) fn add_signature_field(&mut self, now: DateTime<Utc>) -> lopdf::Result<()> {
        let Some(page) = self.pages.last().copied() else { return Ok(()) };
        let signature = self.pdf.add_object(signature::dictionary(now));
        let field = self.pdf.add_object(dictionary! {
            "Type" => "Annot",
            "Subtype" => "Widget",
            "FT" => "Sig",
            "T" => Object::string_literal("Sandbox"),
            "V" => signature,
            "P" => page,
            "F" => 132, // printed and locked
            "Rect" => [0; 4].map(Object::from).to_vec(),
        });
        self.pdf.get_dictionary_mut(page)?.set("Annots", vec![field.into()]);
        // Flags 3: there are signatures, and nothing may be changed but by appending.
        let form = dictionary! { "Fields" => vec![field.into()], "SigFlags" => 3 };
        self.pdf.get_dictionary_mut(self.root)?.set("AcroForm", form);
        Ok(())
    }

    pub(super) fn write(mut self) -> lopdf::Result<Vec<u8>> {
        let pages: Vec<_> = self.pages.iter().copied().map(Object::from).collect();
        let count = self.pages.len() as i64;
        self.pdf
            .set_object(self.page_tree, dictionary! { "Type" => "Pages", "Count" => count, "Kids" => pages });
        // What the documents' former catalogs and page trees leave behind.
        self.pdf.prune_objects();
        let mut bytes = Vec::new();
        self.pdf.save_to(&mut bytes)?;
        Ok(bytes)
    }
}

/// A document whose pages stand on their own.
fn pages_of(document: &[u8]) -> lopdf::Result<Pdf> {
    let mut pdf = Pdf::load_mem(document)?;
    for page in pdf.page_iter().collect::<Vec<_>>() {
        let inherited = INHERITABLE.map(|key| (key, inherited(&pdf, page, key)));
        let page = pdf.get_dictionary_mut(page)?;
        for (key, value) in inherited {
            if let Some(value) = value {
                page.set(key, value);
            }
        }
    }
    for object in pdf.objects.values_mut() {
        // A signature of a document can't hold for the file that its pages end up in.
        if let Ok(field) = object.as_dict_mut()
            && field.get(b"FT").and_then(Object::as_name).is_ok_and(|kind| kind == b"Sig")
        {
            field.remove(b"V");
        }
    }
    Ok(pdf)
}

fn inherited(pdf: &Pdf, page: ObjectId, key: &[u8]) -> Option<Object> {
    let mut node = pdf.get_dictionary(page).ok()?;
    // A page tree is not this deep; a damaged one may go in circles.
    for _ in 0..64 {
        if let Ok(value) = node.get(key) {
            return Some(value.clone());
        }
        node =
            node.get(b"Parent").and_then(Object::as_reference).and_then(|id| pdf.get_dictionary(id)).ok()?;
    }
    None
}

fn wrap(line: &str) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    match characters.len() {
        0 => vec![String::new()],
        _ => characters.chunks(CHARACTERS_PER_LINE).map(|part| part.iter().collect()).collect(),
    }
}

/// The font's encoding. It agrees with Unicode where both have Latin letters; the rest shows as a question mark.
fn win_ansi(text: &str) -> Vec<u8> {
    let encode = |character| match character {
        ' '..='~' | '\u{a0}'..='\u{ff}' => character as u8, // fits: below 256
        _ => b'?',
    };
    text.chars().map(encode).collect()
}
