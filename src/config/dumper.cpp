#include "dumper.hpp"

#include <yaml-cpp/yaml.h>

#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

class Emit {
 public:
  Emit(YAML::Emitter& out, const Rule& rule) : out_(out), rule_(rule) {}

  void operator()(std::monostate) const {}
  void operator()(const bool* value) const { out_ << *value; }
  void operator()(const std::int32_t* value) const { out_ << *value; }
  void operator()(const std::uint32_t* value) const { out_ << *value; }
  void operator()(const std::uint64_t* value) const { out_ << *value; }
  void operator()(const double* value) const { out_ << core::to_text(*value); }
  void operator()(const std::string* value) const {
    if (value->empty() && rule_.null_is_empty) {
      out_ << YAML::Null;
    } else {
      out_ << *value;
    }
  }
  void operator()(const Choice& choice) const { out_ << choice.get(); }
  template <class T>
  void operator()(const std::vector<T>* values) const {
    out_ << YAML::Flow << *values;
  }

 private:
  YAML::Emitter& out_;
  const Rule& rule_;
};

void emit_section(YAML::Emitter& out, const Field& section) {
  out << YAML::BeginMap;
  for (const Field& child : section.children) {
    out << YAML::Key << child.key << YAML::Value;
    if (child.is_section()) {
      emit_section(out, child);
    } else {
      std::visit(Emit(out, child.rule), child.target);
    }
  }
  out << YAML::EndMap;
}

}  // namespace

std::string markdown_escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
    text.insert(at, "\\");
  return text;
}

std::string to_yaml(const Field& section) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  emit_section(out, section);
  return std::string(out.c_str()) + "\n";
}

std::string value_text(const Field& field) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  std::visit(Emit(out, field.rule), field.target);
  std::string text = out.c_str();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

std::string to_markdown_rows(const Field& section, const std::string& prefix) {
  std::string rows;
  for (const Field& child : section.children) {
    const std::string path = prefix + child.key;
    if (child.is_section()) {
      rows += "| **`" + path + "`** | | | **" + markdown_escaped(child.doc) + "** |\n" +
              to_markdown_rows(child, path + ".");
    } else {
      rows += "| `" + path + "` | " + markdown_escaped(expectation(child)) + " | `" +
              markdown_escaped(value_text(child)) + "` | " + markdown_escaped(child.doc) + " |\n";
    }
  }
  return rows;
}

}  // namespace stationhit::config
