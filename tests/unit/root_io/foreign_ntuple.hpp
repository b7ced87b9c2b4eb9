// Ntuples as RNTuples of other programs: any field, any type.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ROOT/RNTupleModel.hxx>
#include <ROOT/RNTupleWriter.hxx>
#include <TFile.h>

#include <stationhit/core/event.hpp>

namespace stationhit::test {

// Starts with all columns of an event, each in the type of core::Event, the hits of the buckets as
// lists of lists.
class ForeignNtuple {
 public:
  explicit ForeignNtuple(const core::Event& event) {
    set("runNumber", event.header.run_number);
    set("eventNumber", event.header.event_number);
    core::for_each_hit_column([&](const char* name, auto member) {
      set(std::string("spacePoint_") + name, event.hits.*member);
    });
    core::for_each_muon_column([&](const char* name, auto member) {
      set(std::string("truthMuon_") + name, event.muons.*member);
    });
    core::for_each_bucket_column([&](const char* name, auto member) {
      set(std::string("bucket_") + name, event.buckets.*member);
    });
    std::vector<std::vector<std::uint16_t>> lists(event.buckets.size());
    for (std::size_t b = 0; b < lists.size(); ++b)
      for (const std::uint32_t hit : event.buckets.hits_of(b))
        lists[b].push_back(static_cast<std::uint16_t>(hit));
    set("bucket_spacePoints", lists);
  }

  void drop(const std::string& name) {
    if (fields_.erase(name) == 0) throw std::logic_error("there is no field " + name);
  }

  // The type decides the field.
  template <class T>
  void set(const std::string& name, T value) {
    fields_[name] = [name, value = std::move(value)](ROOT::RNTupleModel& model) {
      *model.MakeField<T>(name) = value;
    };
  }

  // `folder`: of the file, "" for its top.
  void write(const std::filesystem::path& path, int entries = 1,
             const std::string& folder = "") const {
    TFile file(path.c_str(), "RECREATE");
    TDirectory* place = folder.empty() ? &file : file.mkdir(folder.c_str());
    auto model = ROOT::RNTupleModel::Create();
    for (const auto& [name, add] : fields_) add(*model);
    auto writer = ROOT::RNTupleWriter::Append(std::move(model), "MuonHitDump", *place);
    for (int i = 0; i < entries; ++i) writer->Fill();
  }

 private:
  std::map<std::string, std::function<void(ROOT::RNTupleModel&)>> fields_;
};

}  // namespace stationhit::test
