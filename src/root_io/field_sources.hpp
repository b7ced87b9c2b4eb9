// Fields of an RNTuple as sources of columns: collections of numbers, lists of such lists, and
// single numbers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <ROOT/RNTupleReader.hxx>
#include <ROOT/RNTupleView.hxx>
#include <ROOT/RVec.hxx>

#include "column_source.hpp"

namespace stationhit::root_io {

// ROOT's name of a numeric type in the description of an RNTuple.
template <class Value>
[[nodiscard]] std::string field_type() {
  if constexpr (std::is_same_v<Value, float>) return "float";
  if constexpr (std::is_same_v<Value, double>) return "double";
  if constexpr (std::is_same_v<Value, char>) return "char";
  if constexpr (std::is_same_v<Value, bool>) return "bool";
  const std::string sign = std::is_signed_v<Value> ? "" : "u";
  return "std::" + sign + "int" + std::to_string(8 * sizeof(Value)) + "_t";
}

// Reads a field into an object of the caller.
class FieldLoader {
 public:
  FieldLoader(ROOT::RNTupleReader& ntuple, const std::string& field, const std::string& type,
              void* values)
      : field_(field), view_(ntuple.GetView(field, values, type)) {}
  [[nodiscard]] std::string name() const { return "field " + field_; }
  // Throws as ColumnSource::load does.
  void load(long long entry, const RootMessages& messages, const std::string& file);

 private:
  std::string field_;
  ROOT::RNTupleView<void> view_;
};

template <class Values>
class FieldSource final : public ColumnSource<Values> {
 public:
  FieldSource(ROOT::RNTupleReader& ntuple, const std::string& field, const std::string& type)
      : loader_(ntuple, field, type, &values_) {}
  Values& load(long long entry, const RootMessages& messages, const std::string& file) override {
    loader_.load(entry, messages, file);
    return values_;
  }
  [[nodiscard]] std::string name() const override { return loader_.name(); }

 private:
  Values values_{};
  FieldLoader loader_;
};

// What the numbers of a field are: "float" for a collection of float with depth 1 and for a
// collection of these with depth 2, itself with depth 0; empty if the field is something else.
[[nodiscard]] std::string number_type(ROOT::RNTupleReader& ntuple, const std::string& field,
                                      int depth);

// nullptr if the field is no collection of numbers of this type.
template <class Stored>
[[nodiscard]] SourcePtr<std::vector<Stored>> make_field_vector(ROOT::RNTupleReader& ntuple,
                                                               const std::string& field) {
  const std::string type = field_type<Stored>();
  if (number_type(ntuple, field, 1) != type) return nullptr;
  return std::make_unique<FieldSource<std::vector<Stored>>>(ntuple, field,
                                                            "std::vector<" + type + ">");
}

// The same for collections of collections.
template <class Stored>
[[nodiscard]] SourcePtr<std::vector<std::vector<Stored>>> make_field_lists(
    ROOT::RNTupleReader& ntuple, const std::string& field) {
  const std::string type = field_type<Stored>();
  if (number_type(ntuple, field, 2) != type) return nullptr;
  return std::make_unique<FieldSource<std::vector<std::vector<Stored>>>>(
      ntuple, field, "std::vector<std::vector<" + type + ">>");
}

// nullptr if the field is no single number.
[[nodiscard]] SourcePtr<Number> make_field_number(ROOT::RNTupleReader& ntuple,
                                                  const std::string& field);

}  // namespace stationhit::root_io
