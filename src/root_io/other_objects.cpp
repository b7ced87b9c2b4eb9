// Keys are visited folder by folder. Trees are cloned basket by basket, without unpacking them;
// objects of a class that ROOT knows are read and written; the rest is listed: classes without
// dictionary, and RNTuples, whose pages lie elsewhere in the file.
#include "other_objects.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <set>
#include <string_view>

#include <TClass.h>
#include <TKey.h>
#include <TROOT.h>
#include <TTree.h>

#include "baskets.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

constexpr std::ptrdiff_t deepest_folder = 8;

// Why the object could not be copied; empty if it was.
std::string copy_tree(TKey& key, TDirectory& to) {
  const std::unique_ptr<TTree> tree(key.ReadObject<TTree>());
  if (tree == nullptr) return "damaged";
  check_basket_lists(*tree, key.GetName());
  const TDirectory::TContext context(&to);
  TTree* copy = tree->CloneTree(-1, "fast");
  if (copy == nullptr) return "cannot be cloned";
  copy->Write();
  delete copy;
  return "";
}

std::string copy_object(TKey& key, TClass& type, TDirectory& to) {
  if (!type.IsLoaded() || !type.InheritsFrom(TObject::Class())) return "class not known";
  const std::unique_ptr<TObject> object(key.ReadObj());
  if (object == nullptr) return "damaged";
  return to.WriteTObject(object.get(), key.GetName()) > 0 ? "" : "cannot be written";
}

class ObjectCopier {
 public:
  explicit ObjectCopier(std::string tree) : tree_(std::move(tree)) {}

  void copy_folder(TDirectory& from, TDirectory& to, const std::string& prefix) {
    std::set<std::string> done;
    for (TObject* entry : *from.GetListOfKeys()) {
      auto& key = static_cast<TKey&>(*entry);
      // The newest version of a name comes first.
      if (!done.insert(key.GetName()).second || prefix + key.GetName() == tree_) continue;
      const std::string failure = copy(key, from, to, prefix);
      if (!failure.empty())
        not_copied_.push_back(prefix + key.GetName() + " (" + key.GetClassName() + ": " + failure +
                              ")");
    }
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(not_copied_); }

 private:
  std::string copy(TKey& key, TDirectory& from, TDirectory& to, const std::string& prefix) {
    const RootMessages messages;
    std::string failure;
    try {
      failure = copy_known(key, from, to, prefix);
    } catch (const std::exception& error) {  // a damaged length asks for absurd memory
      failure = error.what();
    }
    return failure.empty() ? messages.error() : failure;
  }

  std::string copy_known(TKey& key, TDirectory& from, TDirectory& to, const std::string& prefix) {
    TClass* type = TClass::GetClass(key.GetClassName());
    if (type == nullptr) return "class not known";
    if (std::string_view(key.GetClassName()) == "ROOT::RNTuple") return "RNTuples are not copied";
    if (type->InheritsFrom(TDirectory::Class())) {
      // A damaged folder may contain itself.
      if (std::ranges::count(prefix, '/') >= deepest_folder) return "too deep";
      TDirectory* inner = from.GetDirectory(key.GetName());
      TDirectory* copy = to.mkdir(key.GetName(), key.GetTitle());
      if (inner == nullptr || copy == nullptr) return "cannot be opened";
      copy_folder(*inner, *copy, prefix + key.GetName() + "/");
      return "";
    }
    return type->InheritsFrom(TTree::Class()) ? copy_tree(key, to) : copy_object(key, *type, to);
  }

  std::string tree_;
  std::vector<std::string> not_copied_;
};

}  // namespace

std::vector<std::string> copy_other_objects(TFile& from, TFile& to, const std::string& tree) {
  ObjectCopier copier(tree);
  copier.copy_folder(from, to, "");
  return copier.take();
}

}  // namespace stationhit::root_io
