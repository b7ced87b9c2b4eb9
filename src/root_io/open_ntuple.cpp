// The classes of RNTuple read faster from a local file by its name than through TFile. A file of
// another machine has no such name, and is read through the TFile of its protocol.
#include "open_ntuple.hpp"

#include <ROOT/RNTuple.hxx>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>

#include "local_file.hpp"

namespace stationhit::root_io {
namespace {

template <class OfName, class OfObject>
auto open(TFile& file, const std::string& name, OfName&& of_name, OfObject&& of_object) {
  if (!core::is_remote(file.GetName())) return of_name(name, plain_name(file.GetName()));
  const std::unique_ptr<ROOT::RNTuple> object(file.Get<ROOT::RNTuple>(name.c_str()));
  if (object == nullptr)
    throw core::DataError(std::string(file.GetName()) + ": RNTuple " + name + " cannot be read");
  return of_object(*object);
}

}  // namespace

std::unique_ptr<ROOT::RNTupleReader> open_ntuple(TFile& file, const std::string& name) {
  return open(
      file, name, [](const auto&... place) { return ROOT::RNTupleReader::Open(place...); },
      [](const ROOT::RNTuple& object) { return ROOT::RNTupleReader::Open(object); });
}

std::unique_ptr<ROOT::Experimental::RNTupleInspector> inspect_ntuple(TFile& file,
                                                                     const std::string& name) {
  using Inspector = ROOT::Experimental::RNTupleInspector;
  return open(
      file, name, [](const auto&... place) { return Inspector::Create(place...); },
      [](const ROOT::RNTuple& object) { return Inspector::Create(object); });
}

}  // namespace stationhit::root_io
