#pragma once

#include "http.h"

#include "session/document.h"
#include "session/store.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// Values of the API that are about films and edits (people: values_people.h). Times are UTC, "2026-03-01T12:00:00.123Z".
namespace twopop::server {

struct FilmSummary {
  std::string film, name;
  std::int64_t revision = 0, length = 0;
  int rate_hz = 48000;
  FrameRate frames{25, 1};
  bool drop_frame = false;
  std::int64_t start_frame = 0;
  int present = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("film", &FilmSummary::film, "Its name in addresses"), field("name", &FilmSummary::name, "Its name for people"),
                           field("revision", &FilmSummary::revision, "Newest revision"), field("length_samples", &FilmSummary::length, "Length"),
                           field("rate_hz", &FilmSummary::rate_hz, "Samples a second of the session"), field("frame_rate", &FilmSummary::frames, "Picture frames a second"),
                           field("drop_frame", &FilmSummary::drop_frame, "Drop-frame timecode"), field("start_frame", &FilmSummary::start_frame, "Timecode of the first frame, in frames since 00:00:00:00"),
                           field("present", &FilmSummary::present, "Pages that are open on it"));
  }
};

/// What GET /films/{film} answers; the document is written from the store, with what this version does not know.
struct FilmView {
  FilmSummary summary;
  session::Document document;
  static constexpr auto fields() {
    return std::make_tuple(field("summary", &FilmView::summary, "In short"), field("document", &FilmView::document, "The session, with the key revision"));
  }
};

/// RFC 6902.
struct PatchOperation {
  session::Verb op = session::Verb::Add;
  std::string path;
  std::optional<std::string> from;
  std::optional<session::AnyJson> value;
  static constexpr auto fields() {
    return std::make_tuple(field("op", &PatchOperation::op, "What to do"), field("path", &PatchOperation::path, "JSON pointer into the document"),
                           field("from", &PatchOperation::from, "Of move and copy"), field("value", &PatchOperation::value, "Of add, replace and test"));
  }
};

struct EditRequest {
  std::optional<std::int64_t> base_revision;
  std::string reason, id;
  std::vector<PatchOperation> patch;
  static constexpr auto fields() {
    return std::make_tuple(field("base_revision", &EditRequest::base_revision, "Revision the change was made on; the newest if left out", {0, 1e15}),
                           field("reason", &EditRequest::reason, "Why", {0, 1000}),
                           field("id", &EditRequest::id, "Made up by the page, never used twice: sent again after a lost connection, the edit is not made twice", {0, 100}),
                           field("patch", &EditRequest::patch, "What to change; all of it or nothing"));
  }
};

/// An edit as the log holds it.
struct HistoryEntry {
  std::int64_t revision = 0, base_revision = 0;
  std::string author, time, reason, id;
  session::By by = session::By::Person;
  session::EditKind kind = session::EditKind::Edit;
  std::optional<std::int64_t> target;
  std::vector<PatchOperation> patch;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &HistoryEntry::revision, "It made"), field("base_revision", &HistoryEntry::base_revision, "It was made on"),
                           field("author", &HistoryEntry::author, "Who"), field("time", &HistoryEntry::time, "When"), field("reason", &HistoryEntry::reason, "Why"),
                           field("id", &HistoryEntry::id, "That the page gave it; empty for none"), field("by", &HistoryEntry::by, "A person or analysis"),
                           field("kind", &HistoryEntry::kind, "Edit, undo or redo"), field("target", &HistoryEntry::target, "Revision that an undo or redo is about"),
                           field("patch", &HistoryEntry::patch, "What changed, with a test for everything that was replaced"));
  }
};

struct NewRevision {
  std::int64_t revision = 0;
  static constexpr auto fields() { return std::make_tuple(field("revision", &NewRevision::revision, "That the edit made; the newest if it changed nothing")); }
};

/// Who looks at a film, and where.
struct Presence {
  std::string id, name;
  std::vector<std::string> roles;
  std::string page;
  std::optional<std::int64_t> at;
  std::string selection;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &Presence::id, "Of the connection"), field("name", &Presence::name, "Who", {0, 200}), field("roles", &Presence::roles, "Their roles"),
                           field("page", &Presence::page, "Page of the studio they are on", {0, 100}), field("at_samples", &Presence::at, "Where they are in the film", {0, 1e15}),
                           field("selection", &Presence::selection, "Path of what they have selected", {0, 500}));
  }
};

// What goes over the live socket; each is an object with `type`.

struct HelloMessage {
  std::string type = "hello";
  std::int64_t revision = 0;
  std::string you;
  std::vector<Presence> present;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &HelloMessage::type, "hello"), field("revision", &HelloMessage::revision, "Newest revision"), field("you", &HelloMessage::you, "Id of this connection"),
                           field("present", &HelloMessage::present, "Who is here"));
  }
};

struct EditMessage {
  std::string type = "edit";
  std::int64_t revision = 0, base_revision = 0;
  std::string author, time, reason, id;
  session::EditKind kind = session::EditKind::Edit;
  std::vector<PatchOperation> patch;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &EditMessage::type, "edit"), field("revision", &EditMessage::revision, "It made"), field("base_revision", &EditMessage::base_revision, "It was made on"),
                           field("author", &EditMessage::author, "Who"), field("time", &EditMessage::time, "When"), field("reason", &EditMessage::reason, "Why"),
                           field("id", &EditMessage::id, "That its page gave it: how a page knows its own"), field("kind", &EditMessage::kind, "Edit, undo or redo"),
                           field("patch", &EditMessage::patch, "To be applied to the document at revision - 1"));
  }
};

struct EditedMessage {
  std::string type = "edited", id;
  std::int64_t revision = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &EditedMessage::type, "edited"), field("id", &EditedMessage::id, "Of the edit"), field("revision", &EditedMessage::revision, "It made, or had made when it was sent before"));
  }
};

struct RefusedMessage {
  std::string type = "refused", id;
  Problem problem;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &RefusedMessage::type, "refused"), field("id", &RefusedMessage::id, "Of the edit; empty where the message could not be read"), field("problem", &RefusedMessage::problem, "Why"));
  }
};

struct PresenceMessage {
  std::string type = "presence";
  std::vector<Presence> present;
  static constexpr auto fields() { return std::make_tuple(field("type", &PresenceMessage::type, "presence"), field("present", &PresenceMessage::present, "Who is here")); }
};

/// The page was away too long, or too slow: it takes the document anew (GET /films/{film}), or asks for what it missed.
struct LaggedMessage {
  std::string type = "lagged";
  std::int64_t revision = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &LaggedMessage::type, "lagged"), field("revision", &LaggedMessage::revision, "Newest revision; 0: ask with catch-up"));
  }
};

/// From the page: `edit`, `presence` or `catch-up`; of the other keys those that it needs.
struct PageMessage {
  std::string type, id, reason, page, selection;
  std::optional<std::int64_t> base_revision, revision, at;
  std::vector<PatchOperation> patch;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &PageMessage::type, "edit, undo, redo, presence or catch-up"), field("id", &PageMessage::id, "Of an edit", {0, 100}),
                           field("reason", &PageMessage::reason, "Of an edit", {0, 1000}), field("page", &PageMessage::page, "Of presence: page of the studio", {0, 100}),
                           field("selection", &PageMessage::selection, "Of presence: path of what is selected", {0, 500}),
                           field("base_revision", &PageMessage::base_revision, "Of an edit", {0, 1e15}), field("revision", &PageMessage::revision, "Of catch-up: the newest that the page has", {0, 1e15}),
                           field("at_samples", &PageMessage::at, "Of presence: place in the film", {0, 1e15}), field("patch", &PageMessage::patch, "Of an edit"));
  }
};

}  // namespace twopop::server
