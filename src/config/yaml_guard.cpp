// yaml-cpp makes an empty document, without reading on, of a character that cannot begin one (a
// comma), so that reading all documents of such a text never ends. Here the parser is asked for at
// most two documents, and an observer of its events notes only where they begin.
#include "yaml_guard.hpp"

#include <algorithm>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::config {
namespace {

using core::ConfigError;

constexpr std::size_t largest_text = std::size_t{4} << 20U;  // bytes

std::string at_line(const std::string& where, std::size_t line) {
  return where + ":" + std::to_string(line) + ": ";
}

std::size_t line_of_byte(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + at, '\n'));
}

void check_characters(std::string_view yaml, const std::string& where) {
  if (const auto at = core::find_invalid_utf8(yaml))
    throw ConfigError(at_line(where, line_of_byte(yaml, *at)) + "the byte " +
                      core::byte_text(yaml[*at]) +
                      " is not UTF-8 text; save the file with the encoding UTF-8");
  const auto control = std::find_if(yaml.begin(), yaml.end(), core::is_control);
  if (control != yaml.end())
    throw ConfigError(
        at_line(where, line_of_byte(yaml, static_cast<std::size_t>(control - yaml.begin()))) +
        "the control character " + core::byte_text(*control) +
        " is not permitted in YAML; remove it");
}

class DocumentCounter final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    ++count_;
    stands_still_ = count_ > 1 && mark.pos == position_;
    position_ = mark.pos;
    line_ = static_cast<std::size_t>(std::max(mark.line, 0)) + 1;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  [[nodiscard]] int count() const { return count_; }
  // True where the last document begins where the one before it began: nothing was read.
  [[nodiscard]] bool stands_still() const { return stands_still_; }
  [[nodiscard]] std::size_t line() const { return line_; }  // of the last document

 private:
  int count_ = 0;
  bool stands_still_ = false;
  int position_ = 0;
  std::size_t line_ = 0;
};

bool begins_with_tab(std::string_view line) {
  const std::size_t text = line.find_first_not_of(" \t");
  return line.substr(0, text).find('\t') != std::string_view::npos;
}

// The first line up to `last` whose indentation has a tab; 0: none.
std::size_t first_line_with_tab(std::string_view yaml, std::size_t last) {
  for (std::size_t line = 1; line <= last; ++line) {
    const std::size_t end = std::min(yaml.find('\n'), yaml.size());
    if (begins_with_tab(yaml.substr(0, end))) return line;
    if (end == yaml.size()) break;
    yaml.remove_prefix(end + 1);
  }
  return 0;
}

}  // namespace

void guard_yaml(std::string_view yaml, const std::string& where) {
  if (yaml.size() > largest_text)
    throw ConfigError(where + ": has " + std::to_string(yaml.size()) +
                      " bytes, no YAML file of this program has more than " +
                      std::to_string(largest_text) + "; give a YAML file");
  check_characters(yaml, where);
  std::istringstream stream{std::string(yaml)};
  YAML::Parser parser(stream);
  DocumentCounter documents;
  while (documents.count() < 2 && parser.HandleNextDocument(documents)) {
  }
  if (documents.stands_still())
    throw ConfigError(
        at_line(where, documents.line()) +
        "not valid YAML: a value cannot begin with this character; put the value into "
        "quotes");
  if (documents.count() > 1)
    throw ConfigError(at_line(where, documents.line()) +
                      "expected one YAML document, found 2; remove the lines '---' between them");
}

std::string syntax_error_text(std::string_view yaml, int line, const std::string& parser_words) {
  const std::size_t tab = first_line_with_tab(yaml, static_cast<std::size_t>(std::max(line, 1)));
  if (tab == 0) return "not valid YAML: " + parser_words;
  return "not valid YAML: line " + std::to_string(tab) +
         " is indented with a tab, YAML needs spaces";
}

}  // namespace stationhit::config
