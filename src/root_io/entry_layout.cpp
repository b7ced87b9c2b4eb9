// A collection begins with the number of its bytes and a version. Then follow the number of its
// elements and the elements, which may be collections without a head of their own.
#include "entry_layout.hpp"

#include <cstdint>
#include <string>
#include <typeinfo>
#include <vector>

#include <ROOT/RVec.hxx>
#include <TBranchElement.h>
#include <TClass.h>

#include "branch_sources.hpp"
#include "record_bytes.hpp"

namespace stationhit::root_io {
namespace {

using Elements = EntryLayout::Elements;

// 0: neither a list of these elements nor a list of such lists.
template <class Element>
int depth_of(const std::type_info& type) {
  if (type == typeid(std::vector<Element>) || type == typeid(ROOT::RVec<Element>)) return 1;
  const bool is_nested = type == typeid(std::vector<std::vector<Element>>) ||
                         type == typeid(ROOT::RVec<ROOT::RVec<Element>>);
  return is_nested ? 2 : 0;
}

template <class... Types>
EntryLayout find_layout(const std::type_info& type, TypeList<Types...>) {
  EntryLayout layout{Elements::others, 0, 1};
  const auto compare = [&]<class Type>(const Type*) {
    const int depth = depth_of<Type>(type);
    if (depth > 0) layout = {Elements::numbers, sizeof(Type), depth};
    return depth > 0;
  };
  (void)(compare(static_cast<const Types*>(nullptr)) || ...);
  if (const int depth = depth_of<std::string>(type)) layout = {Elements::texts, 0, depth};
  return layout;
}

// A collection whose entries are written as a whole, not split into branches.
bool holds_whole_collection(TBranch& branch) {
  const auto* element = dynamic_cast<const TBranchElement*>(&branch);
  if (element == nullptr || element->GetType() != 0 || branch.GetListOfBranches()->GetEntries() > 0)
    return false;
  const TClass* type = TClass::GetClass(branch.GetClassName());
  return type != nullptr && type->GetCollectionProxy() != nullptr;
}

// Number of elements, then the elements, which are lists again above the depth of 1.
bool take_list(RecordBytes& bytes, const EntryLayout& layout, int depth) {
  const std::uint64_t length = bytes.number<std::uint32_t>();
  if (length > bytes.left()) return false;
  if (depth == 1 && layout.elements == Elements::numbers) {
    bytes.take(length * layout.bytes);
    return !bytes.failed();
  }
  for (std::uint64_t i = 0; i < length && !bytes.failed(); ++i) {
    if (depth > 1 && !take_list(bytes, layout, depth - 1)) return false;
    if (depth == 1) bytes.text();
  }
  return !bytes.failed();
}

}  // namespace

EntryLayout layout_of(TBranch& branch) {
  if (!holds_whole_collection(branch)) return {};
  const std::string_view name = branch.GetClassName();
  // These two are stored with fewer bytes than they have in memory.
  const bool is_shortened =
      name.find("32_t") != std::string_view::npos || name.find("16_t") != std::string_view::npos;
  const std::type_info* type = is_shortened ? nullptr : branch_type(branch);
  if (type == nullptr) return {Elements::others, 0, 1};
  return find_layout(*type, NumericTypes{});
}

bool lists_fit(std::string_view entry, const EntryLayout& layout) {
  constexpr std::uint32_t is_length = 0x40000000;
  constexpr std::uint16_t is_by_member = 0x4000;
  if (layout.elements == Elements::no_list) return true;
  RecordBytes bytes(entry);
  const auto length = bytes.number<std::uint32_t>();
  if (length != (is_length | static_cast<std::uint32_t>(bytes.left()))) return false;
  const auto version = bytes.number<std::uint16_t>();
  if (layout.elements != Elements::others)
    return take_list(bytes, layout, layout.depth) && bytes.left() == 0;
  if ((version & is_by_member) != 0) return true;
  const auto elements = bytes.number<std::uint32_t>();
  return !bytes.failed() && elements <= bytes.left();
}

}  // namespace stationhit::root_io
