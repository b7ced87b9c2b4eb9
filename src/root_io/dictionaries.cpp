// ROOT needs a dictionary for every class that a branch holds, and has none for some vectors of
// integers and for lists of lists. The registration below creates them at run time from the C++
// types alone.
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include <ROOT/RVec.hxx>
#include <TClass.h>
#include <TCollectionProxyInfo.h>
#include <TGenericClassInfo.h>
#include <TIsAProxy.h>

#include <stationhit/root_io/dictionaries.hpp>

namespace stationhit::root_io {
namespace {

// Does what rootcling generates for a collection, without looking up its .pcm file.
template <class Collection>
struct CollectionDictionary {
  static inline ROOT::TGenericClassInfo* info = nullptr;

  static TClass* get_class() { return info->GetClass(); }

  static void add(const char* name, const char* header = "vector") {
    if (info != nullptr) return;
    Collection* type = nullptr;
    info = new ROOT::TGenericClassInfo(name, -2, header, 1, typeid(Collection),
                                       ROOT::Internal::DefineBehavior(type, type), &get_class,
                                       new TIsAProxy(typeid(Collection)), 0, sizeof(Collection));
    info->SetNew(
        [](void* at) -> void* { return at != nullptr ? ::new (at) Collection : new Collection; });
    info->SetNewArray([](Long_t count, void* at) -> void* {
      const auto n = static_cast<std::size_t>(count);
      return at != nullptr ? ::new (at) Collection[n] : new Collection[n];
    });
    info->SetDelete([](void* object) { delete static_cast<Collection*>(object); });
    info->SetDeleteArray([](void* objects) { delete[] static_cast<Collection*>(objects); });
    info->SetDestructor([](void* object) { static_cast<Collection*>(object)->~Collection(); });
    using ROOT::Detail::TCollectionProxyInfo;
    info->AdoptCollectionProxyInfo(
        TCollectionProxyInfo::Generate(TCollectionProxyInfo::Pushback<Collection>()));
  }
};

template <class T>
using NestedVector = std::vector<std::vector<T>>;

template <class T>
void add_nested_rvec(const std::string& element) {
  static const std::string name = "ROOT::VecOps::RVec<ROOT::VecOps::RVec<" + element + "> >";
  CollectionDictionary<ROOT::RVec<ROOT::RVec<T>>>::add(name.c_str(), "ROOT/RVec.hxx");
}

void add_nested_rvecs() {
  add_nested_rvec<float>("float");
  add_nested_rvec<double>("double");
  add_nested_rvec<char>("char");
  add_nested_rvec<unsigned char>("unsigned char");
  add_nested_rvec<bool>("bool");
  add_nested_rvec<short>("short");
  add_nested_rvec<unsigned short>("unsigned short");
  add_nested_rvec<int>("int");
  add_nested_rvec<unsigned int>("unsigned int");
  add_nested_rvec<long>("long");
  add_nested_rvec<unsigned long>("unsigned long");
  add_nested_rvec<long long>("Long64_t");
  add_nested_rvec<unsigned long long>("ULong64_t");
}

}  // namespace

void register_dictionaries() {
  static std::once_flag once;
  std::call_once(once, [] {
    CollectionDictionary<std::vector<signed char>>::add("vector<signed char>");
    CollectionDictionary<NestedVector<char>>::add("vector<vector<char> >");
    CollectionDictionary<NestedVector<bool>>::add("vector<vector<bool> >");
    CollectionDictionary<NestedVector<std::string>>::add("vector<vector<string> >");
    CollectionDictionary<NestedVector<unsigned char>>::add("vector<vector<unsigned char> >");
    CollectionDictionary<NestedVector<short>>::add("vector<vector<short> >");
    CollectionDictionary<NestedVector<unsigned short>>::add("vector<vector<unsigned short> >");
    CollectionDictionary<NestedVector<int>>::add("vector<vector<int> >");
    CollectionDictionary<NestedVector<unsigned int>>::add("vector<vector<unsigned int> >");
    CollectionDictionary<NestedVector<long>>::add("vector<vector<long> >");
    CollectionDictionary<NestedVector<unsigned long>>::add("vector<vector<unsigned long> >");
    add_nested_rvecs();
  });
}

}  // namespace stationhit::root_io
