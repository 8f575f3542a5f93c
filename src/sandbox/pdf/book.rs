//! A PDF under construction.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

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
        match pages_of(document, self.pdf.max_id + 1) {
            Ok((source, pages)) if !pages.is_empty() => self.take_pages(source, &pages),
            _ => {
                let why = "The sandbox could not read this document as a PDF.".to_owned();
                self.add_text("No pages to show", &[why, format!("It has {} bytes.", document.len())])
            }
        }
    }

    fn take_pages(&mut self, mut source: Pdf, pages: &[ObjectId]) -> lopdf::Result<()> {
        self.pdf.max_id = source.max_id;
        self.pdf.objects.append(&mut source.objects);
        let mut taken = BTreeSet::new();
        for page in pages {
            // A page may be listed twice, but it has only one place in a page tree.
            let page = match taken.insert(page) {
                true => *page,
                false => {
                    let copy = self.pdf.get_dictionary(*page)?.clone();
                    self.pdf.add_object(copy)
                }
            };
            self.pdf.get_dictionary_mut(page)?.set("Parent", self.page_tree);
            self.pages.push(page);
        }
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

/// A document and its pages, which stand on their own. Its objects have the numbers from `first` on: an object of
/// one document must not replace one of another.
fn pages_of(document: &[u8], first: u32) -> lopdf::Result<(Pdf, Vec<ObjectId>)> {
    let mut pdf = Pdf::load_mem(document)?;
    renumber(&mut pdf, first);
    let pages = pages_in_order(&pdf);
    for page in &pages {
        let inherited = INHERITABLE.map(|key| (key, inherited(&pdf, *page, key)));
        let page = pdf.get_dictionary_mut(*page)?;
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
    Ok((pdf, pages))
}

/// Gives all objects numbers from `first` on. A reference that leads nowhere says `null`, as PDF has it: in a file
/// with other documents' objects it would lead to one of theirs.
fn renumber(pdf: &mut Pdf, first: u32) {
    let ids: BTreeMap<ObjectId, ObjectId> =
        pdf.objects.keys().zip(first..).map(|(old, new)| (*old, (new, 0))).collect();
    pdf.objects = mem::take(&mut pdf.objects).into_iter().map(|(old, object)| (ids[&old], object)).collect();
    pdf.traverse_objects(|object| {
        if let Object::Reference(old) = object {
            *object = ids.get(old).map_or(Object::Null, |new| Object::Reference(*new));
        }
    });
    pdf.max_id = ids.into_values().next_back().map_or(first, |(number, _)| number);
}

/// The pages, in the order in which they are read. A damaged tree may have gaps and go in circles.
fn pages_in_order(pdf: &Pdf) -> Vec<ObjectId> {
    let root = pdf.catalog().and_then(|catalog| catalog.get(b"Pages")).and_then(Object::as_reference);
    let mut to_visit: Vec<_> = root.into_iter().collect();
    let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
    while let Some(id) = to_visit.pop() {
        let Ok(node) = pdf.get_dictionary(id) else { continue };
        match node.get_deref(b"Kids", pdf).and_then(Object::as_array) {
            Ok(kids) if seen.insert(id) => {
                to_visit.extend(kids.iter().rev().filter_map(|kid| kid.as_reference().ok()));
            }
            Ok(_) => {}
            Err(_) if node.get_type().is_ok_and(|kind| kind != b"Page") => {}
            // Some pages don't say what they are.
            Err(_) => pages.push(id),
        }
    }
    pages
}

fn inherited(pdf: &Pdf, page: ObjectId, key: &[u8]) -> Option<Object> {
    let mut node = pdf.get_dictionary(page).ok()?;
    // A page tree is not this deep; a damaged one may go in circles.
    for _ in 0..64 {
        if let Ok(value) = node.get(key)
            && !value.is_null()
        {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A document of one page per text. `change` may damage it; it gets the ids of the page tree and of the pages.
    fn document(texts: &[&str], change: impl FnOnce(&mut Pdf, ObjectId, &[ObjectId])) -> Vec<u8> {
        let mut book = Book::new();
        for text in texts {
            book.add_text(text, &[String::new()]).expect("a page can be made");
        }
        let (page_tree, pages) = (book.page_tree, book.pages.clone());
        let mut pdf = Pdf::load_mem(&book.write().expect("it can be written")).expect("it can be read");
        change(&mut pdf, page_tree, &pages);
        let mut bytes = Vec::new();
        pdf.save_to(&mut bytes).expect("it can be written");
        bytes
    }

    fn set_kids(pdf: &mut Pdf, page_tree: ObjectId, kids: Vec<Object>) {
        pdf.get_dictionary_mut(page_tree).expect("it has a page tree").set("Kids", kids);
    }

    /// Both documents in one file, and what its pages say.
    fn merged(documents: &[&[u8]]) -> (Pdf, Vec<String>) {
        let mut book = Book::new();
        for document in documents {
            book.append(document).expect("it can be taken over");
        }
        let pdf = Pdf::load_mem(&book.write().expect("it can be written")).expect("it can be read");
        let pages = pdf.get_pages();
        let said = pages.keys().map(|number| pdf.extract_text(&[*number]).expect("the page has text"));
        let said = said.map(|text| text.trim().to_owned()).collect();
        (pdf, said)
    }

    #[test]
    fn a_reference_that_leads_nowhere_leads_to_no_other_document() {
        let damaged = document(&["one"], |pdf, _, pages| {
            let page = pdf.get_dictionary_mut(pages[0]).expect("it has a page");
            let nowhere = (8..40).map(|number| Object::Reference((number, 0)));
            page.set("Annots", nowhere.collect::<Vec<_>>());
            page.set("Metadata", Object::Reference((9, 0)));
        });
        let (pdf, said) =
            merged(&[&document(&["before"], |_, _, _| {}), &damaged, &document(&["after"], |_, _, _| {})]);
        assert_eq!(said, ["before", "one", "after"]);
        let page = pdf.get_dictionary(pdf.get_pages()[&2]).expect("there is a second page");
        let annotations = page.get(b"Annots").and_then(Object::as_array).expect("it has the list");
        assert!(annotations.len() == 32 && annotations.iter().all(Object::is_null), "{annotations:?}");
        assert!(page.get(b"Metadata").is_ok_and(Object::is_null));
    }

    #[test]
    fn a_gap_and_a_repetition_in_the_page_tree_lose_no_page() {
        let damaged = document(&["one", "two"], |pdf, page_tree, pages| {
            let nothing = pdf.add_object(Object::Null);
            let circle = Object::Reference(page_tree);
            let [one, two] = [pages[0], pages[1]].map(Object::Reference);
            pdf.get_dictionary_mut(pages[1]).expect("it has two pages").remove(b"Type");
            let font = pdf.add_object(dictionary! { "Type" => "Font" });
            let mut kids = vec![font.into(); 100];
            kids.extend([
                Object::Null,
                Object::Reference((99, 0)),
                nothing.into(),
                two.clone(),
                circle,
                one,
                two,
            ]);
            set_kids(pdf, page_tree, kids);
        });
        let (pdf, said) = merged(&[&damaged, &document(&["after"], |_, _, _| {})]);
        assert_eq!(said, ["two", "one", "two", "after"]);
        let pages: BTreeSet<_> = pdf.get_pages().into_values().collect();
        assert_eq!(pages.len(), 4, "each has a place of its own");
    }

    #[test]
    fn what_a_page_inherits_it_keeps() {
        let nested = document(&["one"], |pdf, page_tree, pages| {
            let page = pdf.get_dictionary_mut(pages[0]).expect("it has a page");
            let resources = page.remove(b"Resources").expect("it has resources");
            page.set("Resources", Object::Reference((99, 0)));
            let middle = pdf.add_object(dictionary! {
                "Type" => "Pages", "Parent" => page_tree, "Kids" => vec![pages[0].into()], "Resources" => resources,
            });
            pdf.get_dictionary_mut(pages[0]).expect("it has a page").set("Parent", middle);
            set_kids(pdf, page_tree, vec![middle.into()]);
        });
        assert_eq!(merged(&[&nested]).1, ["one"]);
    }
}
