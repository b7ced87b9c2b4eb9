// Every branch of hits has an edit that is chosen once by the C++ type of its vector. The branch of
// the copy shares the object with that of the input, so an edit reaches what is filled afterwards.
#include "hit_edits.hpp"

#include <type_traits>
#include <typeinfo>
#include <utility>

#include <ROOT/RVec.hxx>

#include <stationhit/core/errors.hpp>

#include "branch_sources.hpp"
#include "score_branch.hpp"

namespace stationhit::root_io {
namespace {

template <class Lists>
void renumber_hits(void* object, std::span<const std::uint32_t> new_index,
                   const std::string& where) {
  using T = typename Lists::value_type::value_type;
  for (auto& hits : *static_cast<Lists*>(object)) {
    std::size_t kept = 0;
    for (const T hit : hits) {
      // A negative number becomes a large one and is refused as well.
      if (static_cast<std::size_t>(hit) >= new_index.size())
        throw core::DataError(where + " refers to hit " + std::to_string(hit) +
                              ", which does not exist");
      const std::uint32_t index = new_index[static_cast<std::size_t>(hit)];
      if (index != dropped) hits[kept++] = static_cast<T>(index);
    }
    hits.resize(kept);
  }
}

// Collections with one element per hit, for elements of one type: single numbers, or lists of them.
template <class T, class Visit>
bool visit_hit_types(Visit&& visit) {
  return visit.template operator()<std::vector<T>>() ||
         visit.template operator()<std::vector<std::vector<T>>>() ||
         visit.template operator()<ROOT::RVec<T>>() ||
         visit.template operator()<ROOT::RVec<ROOT::RVec<T>>>();
}

// Ends with the first type for which `visit` gives true.
template <class Visit, class... Types>
void visit_hit_types_of(TypeList<Types...>, Visit&& visit) {
  (void)(visit_hit_types<Types>(visit) || ...);
  (void)(visit.template operator()<std::vector<std::string>>() ||
         visit.template operator()<std::vector<std::vector<std::string>>>());
}

BranchEdit make_checking_edit(const std::type_info& found) {
  BranchEdit edit;
  visit_hit_types_of(NumericTypes{}, [&]<class Values>() {
    if (found != typeid(Values)) return false;
    edit = [](void* object, std::span<const std::uint32_t> new_index, const std::string& where) {
      require_length(static_cast<Values*>(object)->size(), new_index.size(), where);
    };
    return true;
  });
  return edit;
}

BranchEdit make_dropping_edit(const std::type_info& found) {
  BranchEdit edit;
  visit_hit_types_of(NumericTypes{}, [&]<class Values>() {
    if (found == typeid(Values)) edit = drop_hits<Values>;
    return found == typeid(Values);
  });
  return edit;
}

template <class... Types>
BranchEdit make_renumbering_edit(const std::type_info& found, TypeList<Types...>) {
  BranchEdit edit;
  const auto choose = [&]<class T>(const T*) {
    if (found == typeid(std::vector<std::vector<T>>))
      edit = renumber_hits<std::vector<std::vector<T>>>;
    if (found == typeid(ROOT::RVec<ROOT::RVec<T>>)) edit = renumber_hits<ROOT::RVec<ROOT::RVec<T>>>;
  };
  (choose(static_cast<const Types*>(nullptr)), ...);
  return edit;
}

EditedBranch make_edit(TBranch& branch, const std::string& path) {
  const bool is_buckets = std::string(branch.GetName()) == "bucket_spacePoints";
  const std::type_info* type = branch_type(branch);
  BranchEdit edit;
  if (type != nullptr)
    edit =
        is_buckets ? make_renumbering_edit(*type, NestedIndexTypes{}) : make_dropping_edit(*type);
  auto* element = dynamic_cast<TBranchElement*>(&branch);
  if (edit && element != nullptr) return {element, std::move(edit)};
  throw core::DataError(
      path + ": branch " + branch.GetName() + " is a " + branch_type_name(branch) +
      ", from which hits cannot be dropped; use --mode score or remove the branch");
}

// Numbers of the event, muons and the other columns of the buckets do not depend on the hits.
// Buckets stay even when they become empty, so that their other columns keep their length.
bool depends_on_hits(TBranch& branch) {
  const std::string name = branch.GetName();
  return name != score_branch && single_leaf(branch) == nullptr &&
         (name.starts_with("spacePoint_") || name == "bucket_spacePoints");
}

}  // namespace

void require_length(std::size_t length, std::size_t n_scores, const std::string& where) {
  if (length == n_scores) return;
  throw core::DataError(where + " has " + std::to_string(length) +
                        " values, but there are scores of " + std::to_string(n_scores) +
                        " hits; the event is damaged or the branch is not one of hits (--mode "
                        "score copies any branch)");
}

HitEdits HitEdits::make_filter(TTree& tree, const std::string& path) {
  HitEdits edits;
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    if (depends_on_hits(branch) && !edits.arrays_.add(branch))
      edits.branches_.push_back(make_edit(branch, path));
  }
  edits.arrays_.add_of_same_length(tree);
  return edits;
}

HitEdits HitEdits::make_length_check(TTree& tree) {
  HitEdits edits;
  TBranch* branch = tree.GetBranch("spacePoint_PositionX");
  auto* element = dynamic_cast<TBranchElement*>(branch);
  const std::type_info* type = element == nullptr ? nullptr : branch_type(*element);
  BranchEdit edit = type == nullptr ? BranchEdit{} : make_checking_edit(*type);
  if (edit) edits.branches_.push_back({element, std::move(edit)});
  return edits;
}

void HitEdits::apply(std::span<const std::uint32_t> new_index, const std::string& place) const {
  for (const EditedBranch& edited : branches_)
    edited.edit(edited.branch->GetObject(), new_index, place + edited.branch->GetName());
  arrays_.drop_hits(new_index, place);
}

}  // namespace stationhit::root_io
