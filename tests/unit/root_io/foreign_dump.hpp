// Ntuples as other programs may write them: any branch, any type.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <TFile.h>
#include <TTree.h>

#include <stationhit/core/event.hpp>

namespace stationhit::test {

// Starts with all hit and muon branches of an event (none of the header, no buckets), each in the
// type of core::Event (vector<char> for int8).
class ForeignDump {
 public:
  explicit ForeignDump(const core::Event& event) {
    core::for_each_hit_column([&](const char* name, auto member) {
      set_column(std::string("spacePoint_") + name, event.hits.*member);
    });
    core::for_each_muon_column([&](const char* name, auto member) {
      set_column(std::string("truthMuon_") + name, event.muons.*member);
    });
  }

  void drop(const std::string& name) {
    if (branches_.erase(name) == 0) throw std::logic_error("there is no branch " + name);
  }

  // The type decides the branch: vector, vector of vectors or a number.
  template <class T>
  void set(const std::string& name, T value) {
    branches_[name] = std::make_unique<Branch<T>>(std::move(value));
  }

  void write(const std::filesystem::path& path, int entries = 1,
             const char* tree_name = "MuonHitDump", int compression = 101) const {
    TFile file(path.c_str(), "RECREATE", "", compression);
    auto* tree = new TTree(tree_name, "");
    for (const auto& [name, branch] : branches_) branch->add(*tree, name);
    for (int i = 0; i < entries; ++i) tree->Fill();
    file.Write();
  }

 private:
  struct AnyBranch {
    virtual ~AnyBranch() = default;
    virtual void add(TTree& tree, const std::string& name) = 0;
  };
  template <class T>
  struct Branch final : AnyBranch {
    explicit Branch(T content) : value(std::move(content)) {}
    void add(TTree& tree, const std::string& name) override { tree.Branch(name.c_str(), &value); }
    T value;
  };
  template <class T>
  void set_column(const std::string& name, const std::vector<T>& column) {
    if constexpr (std::is_same_v<T, std::int8_t>) {
      set(name, std::vector<char>(column.begin(), column.end()));
    } else {
      set(name, column);
    }
  }
  std::map<std::string, std::unique_ptr<AnyBranch>> branches_;
};

}  // namespace stationhit::test
