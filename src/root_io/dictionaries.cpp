// ROOT needs a dictionary for every class that a branch holds, and has none for some vectors of
// integers. The registration below creates them at run time from the C++ types alone.
#include "dictionaries.hpp"

#include <mutex>
#include <new>
#include <vector>

#include <TClass.h>
#include <TCollectionProxyInfo.h>
#include <TGenericClassInfo.h>
#include <TIsAProxy.h>

namespace stationhit::root_io {
namespace {

// Does what rootcling generates for a collection, without looking up its .pcm file.
template <class Collection>
struct CollectionDictionary {
  static inline ROOT::TGenericClassInfo* info = nullptr;

  static TClass* get_class() { return info->GetClass(); }

  static void add(const char* name) {
    if (info != nullptr) return;
    Collection* type = nullptr;
    info = new ROOT::TGenericClassInfo(name, -2, "vector", 1, typeid(Collection),
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

}  // namespace

void register_dictionaries() {
  static std::once_flag once;
  std::call_once(once, [] {
    CollectionDictionary<std::vector<signed char>>::add("vector<signed char>");
    CollectionDictionary<NestedVector<unsigned char>>::add("vector<vector<unsigned char> >");
    CollectionDictionary<NestedVector<short>>::add("vector<vector<short> >");
    CollectionDictionary<NestedVector<unsigned short>>::add("vector<vector<unsigned short> >");
    CollectionDictionary<NestedVector<int>>::add("vector<vector<int> >");
    CollectionDictionary<NestedVector<unsigned int>>::add("vector<vector<unsigned int> >");
    CollectionDictionary<NestedVector<long>>::add("vector<vector<long> >");
    CollectionDictionary<NestedVector<unsigned long>>::add("vector<vector<unsigned long> >");
  });
}

}  // namespace stationhit::root_io
