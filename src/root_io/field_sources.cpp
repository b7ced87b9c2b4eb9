// Pages have checksums, which ROOT compares; a failure is an exception.
#include "field_sources.hpp"

#include <exception>

namespace stationhit::root_io {
namespace {

template <class Stored>
class NumberSource final : public ColumnSource<Number> {
 public:
  NumberSource(ROOT::RNTupleReader& ntuple, const std::string& field)
      : stored_(ntuple, field, field_type<Stored>()) {}
  Number& load(long long entry, const RootMessages& messages, const std::string& file) override {
    const Stored value = stored_.load(entry, messages, file);
    if constexpr (std::is_floating_point_v<Stored>) {
      value_ = static_cast<double>(value);
    } else if constexpr (std::is_unsigned_v<Stored>) {
      value_ = static_cast<std::uint64_t>(value);
    } else {
      value_ = static_cast<std::int64_t>(static_cast<std::make_signed_t<Stored>>(value));
    }
    return value_;
  }
  [[nodiscard]] std::string name() const override { return stored_.name(); }

 private:
  FieldSource<Stored> stored_;
  Number value_;
};

template <class... Types>
SourcePtr<Number> make_number(ROOT::RNTupleReader& ntuple, const std::string& field,
                              TypeList<Types...>) {
  const std::string type = number_type(ntuple, field, 0);
  SourcePtr<Number> source;
  const auto compare = [&]<class Stored>(const Stored*) {
    if (type != field_type<Stored>()) return false;
    source = std::make_unique<NumberSource<Stored>>(ntuple, field);
    return true;
  };
  (void)(compare(static_cast<const Types*>(nullptr)) || ...);
  return source;
}

}  // namespace

void FieldLoader::load(long long entry, const RootMessages& messages, const std::string& file) {
  std::string failure;
  try {
    view_(static_cast<ROOT::NTupleSize_t>(entry));
    failure = messages.error();
  } catch (const std::exception& error) {
    failure = reason_of(error);
  }
  if (!failure.empty()) refuse_damaged(place_of(file, entry, name()), failure);
}

std::string number_type(ROOT::RNTupleReader& ntuple, const std::string& field, int depth) {
  const ROOT::RNTupleDescriptor& descriptor = ntuple.GetDescriptor();
  ROOT::DescriptorId_t id = descriptor.FindFieldId(field);
  for (; depth > 0; --depth) {
    const ROOT::RFieldDescriptor& list = descriptor.GetFieldDescriptor(id);
    if (list.GetStructure() != ROOT::ENTupleStructure::kCollection || list.GetLinkIds().size() != 1)
      return "";
    id = list.GetLinkIds().front();
  }
  const ROOT::RFieldDescriptor& number = descriptor.GetFieldDescriptor(id);
  // An array of fixed length repeats its field.
  return number.GetLinkIds().empty() && number.GetNRepetitions() == 0 ? number.GetTypeName() : "";
}

SourcePtr<Number> make_field_number(ROOT::RNTupleReader& ntuple, const std::string& field) {
  return make_number(ntuple, field, NumericTypes{});
}

}  // namespace stationhit::root_io
