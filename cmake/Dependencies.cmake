# Third parties. An installed one wins (CMAKE_PREFIX_PATH, ROOT_DIR, Torch_DIR, ONNXRUNTIME_ROOT);
# else what tools/bootstrap.sh put into .deps. The order matters: Protobuf before Torch, which
# otherwise defines a dummy protobuf target.
set(STATIONHIT_DEPS "${PROJECT_SOURCE_DIR}/.deps" CACHE PATH "Folder made by tools/bootstrap.sh")
file(REAL_PATH "${STATIONHIT_DEPS}" STATIONHIT_DEPS_REAL)
set(STATIONHIT_SITE "${STATIONHIT_DEPS_REAL}/site-packages")
if(EXISTS "${STATIONHIT_SITE}")
  file(REAL_PATH "${STATIONHIT_SITE}" STATIONHIT_SITE)
endif()

find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(hwy REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
if(STATIONHIT_ENGINE_ONLY)
  return()
endif()

find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost REQUIRED)
find_package(Protobuf REQUIRED)

if(STATIONHIT_WITH_CURL)
  find_package(CURL REQUIRED)
endif()

if(STATIONHIT_WITH_HEPMC)
  find_package(HepMC3 REQUIRED)
  find_package(ZLIB REQUIRED)
endif()

if(STATIONHIT_WITH_ROOT)
  find_package(
    ROOT
    6.36
    QUIET
    COMPONENTS Tree TreePlayer Hist Gpad Graf ROOTNTuple
  )
  if(NOT ROOT_FOUND)
    find_package(
      ROOT
      6.36
      REQUIRED
      COMPONENTS Tree TreePlayer Hist Gpad Graf ROOTNTuple
      PATHS "${STATIONHIT_SITE}/ROOT/cmake"
      NO_DEFAULT_PATH
    )
  endif()
  # Reads trees faster; without it ROOT's zlib does.
  find_path(LIBDEFLATE_INCLUDE_DIR libdeflate.h)
  find_library(LIBDEFLATE_LIBRARY deflate)
  # Reads hits as padded arrays; without it such files are refused. Debian names it after the way in
  # which it runs.
  find_path(HDF5_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
  find_library(HDF5_LIBRARY NAMES hdf5 hdf5_serial)
endif()

if(STATIONHIT_WITH_TORCH)
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    find_package(Torch REQUIRED PATHS "${STATIONHIT_SITE}/torch/share/cmake" NO_DEFAULT_PATH)
  endif()
endif()

# For trainings on several ranks; without them there is only one.
if(STATIONHIT_WITH_TORCH)
  find_path(GLOO_INCLUDE_DIR gloo/context.h)
endif()

if(STATIONHIT_WITH_ONNXRUNTIME)
  set(
    ONNXRUNTIME_ROOT
    "${STATIONHIT_DEPS}/onnxruntime"
    CACHE PATH
    "An installed ONNX Runtime (folders include and lib)"
  )
  include(OnnxRuntimeTarget)
endif()

find_file(
  ONNX_PROTO
  onnx-ml.proto
  HINTS "${STATIONHIT_SITE}/onnx"
  PATH_SUFFIXES onnx include/onnx
  REQUIRED
)
