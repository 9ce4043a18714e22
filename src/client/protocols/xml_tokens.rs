//! XML as a sequence of elements and texts: comments, declarations and instructions are passed over, entities and
//! CDATA are text, depth is bounded. Nothing is expanded but the five entities that XML predefines.

use super::reading::{Read, Reason};
use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{BytesRef, BytesStart, Event},
};
use std::borrow::Cow;

/// Nested elements at most. AWS's own answers stay below 20; the readers above recurse once per level.
const MAX_DEPTH: usize = 128;

/// What comes next.
pub(super) enum Token<'a> {
    Open(BytesStart<'a>),
    Close,
    Text(Cow<'a, str>),
}

/// The tokens of one document.
pub(super) struct Tokens<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        let mut reader = Reader::from_reader(body);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, depth: 0 }
    }

    /// The root element; `None` where the document is empty.
    pub(super) fn root(&mut self) -> Read<Option<BytesStart<'a>>> {
        loop {
            match self.read()? {
                Event::Start(open) => {
                    self.depth = 1;
                    return Ok(Some(open));
                }
                Event::Eof => return Ok(None),
                Event::Text(text) if !text.iter().all(u8::is_ascii_whitespace) => {
                    return Err("XML expected, found text".into());
                }
                Event::CData(_) | Event::GeneralRef(_) | Event::End(_) => {
                    return Err("XML expected, found text".into());
                }
                _ => {}
            }
        }
    }

    /// The next token within the root.
    #[inline]
    pub(super) fn next(&mut self) -> Read<Token<'a>> {
        loop {
            match self.read()? {
                Event::Start(open) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(format!("elements are nested deeper than {MAX_DEPTH}").into());
                    }
                    return Ok(Token::Open(open));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Token::Close);
                }
                Event::Text(text) => return Ok(Token::Text(text.xml10_content().map_err(bad_text)?)),
                Event::CData(text) => return Ok(Token::Text(text.xml10_content().map_err(bad_text)?)),
                Event::GeneralRef(entity) => return Ok(Token::Text(resolve(&entity)?)),
                Event::Eof => return Err("the XML ends too early".into()),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// The text of the element that was opened last, through its end. Text behind a child element does not count.
    pub(super) fn text(&mut self) -> Read<Cow<'a, str>> {
        let first = match self.next()? {
            Token::Close => return Ok(Cow::Borrowed("")),
            Token::Open(_) => return self.text_before_child(String::new()),
            Token::Text(text) => text,
        };
        // Mostly there is one piece, which stays borrowed; entities and CDATA make several.
        let mut all = match self.next()? {
            Token::Close => return Ok(first),
            Token::Open(_) => return self.text_before_child(first.into_owned()),
            Token::Text(second) => {
                let mut all = String::with_capacity(first.len() + second.len() + 32);
                all.push_str(&first);
                all.push_str(&second);
                all
            }
        };
        loop {
            match self.next()? {
                Token::Close => return Ok(Cow::Owned(all)),
                Token::Open(_) => return self.text_before_child(all),
                Token::Text(text) => all.push_str(&text),
            }
        }
    }

    /// Passes over a child element that was just opened and all that follows it.
    fn text_before_child(&mut self, text: String) -> Read<Cow<'a, str>> {
        self.skip()?;
        self.skip()?;
        Ok(Cow::Owned(text))
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip(&mut self) -> Read<()> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Checks that nothing follows the root.
    pub(super) fn end(&mut self) -> Read<()> {
        loop {
            match self.read()? {
                Event::Eof => return Ok(()),
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err("something follows the end of the XML".into()),
            }
        }
    }

    #[inline]
    fn read(&mut self) -> Read<Event<'a>> {
        self.reader.read_event().map_err(|error| {
            format!("not well-formed XML near byte {}: {error}", self.reader.error_position()).into()
        })
    }
}

fn bad_text(error: impl std::fmt::Display) -> Reason {
    error.to_string().into()
}

fn resolve<'a>(entity: &BytesRef<'_>) -> Read<Cow<'a, str>> {
    let name = entity.decode().map_err(bad_text)?;
    if let Some(text) = resolve_xml_entity(&name) {
        return Ok(Cow::Borrowed(text));
    }
    match entity.resolve_char_ref() {
        Ok(Some(letter)) => Ok(Cow::Owned(letter.to_string())),
        Ok(None) => Err(format!("the entity &{name}; is not defined").into()),
        Err(error) => Err(bad_text(error)),
    }
}
