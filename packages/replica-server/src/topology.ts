export {
  ClusterFolder,
  ClusterFolderError,
  type ClusterRecord,
  clustersIn,
  type NodeFiles,
} from "./topology/cluster-folder.js";
export { clusterIdOf } from "./topology/cluster-id.js";
export { isClusterName, NAME_RULE } from "./topology/names.js";
export {
  isPreset,
  MOST_PRESET_SERVERS,
  mostServers,
  PRESETS,
  type PresetName,
  preset,
  usualEngine,
  usualServers,
} from "./topology/presets.js";
export { printTopology } from "./topology/print-topology.js";
export { TopologyError } from "./topology/topology-error.js";
