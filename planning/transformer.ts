/** All models here have gated MLPs (three matrices), grouped-query attention and RMS norms. */

export interface TransformerConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly attentionHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly tiedEmbeddings: boolean;
  readonly qkvBias: boolean;
  /** Of `hiddenSize`, in each layer. */
  readonly normsPerLayer: number;
  /** Of `headDim`, on queries and keys. */
  readonly qkNorms: boolean;
  /** Image encoder and projector; never read by a decode step. */
  readonly otherParameters: number;
  /** Everything outside the layers is 16-bit. */
  readonly linearWeights: "16bit" | "gptq-4bit-128";
}

export interface TransformerSize {
  /** With `otherParameters`. */
  readonly parameters: number;
  /** Inside the layers: a token costs two operations for each. */
  readonly linearParameters: number;
  readonly weightBytes: number;
  /** Every layer and the output head, whatever the batch. */
  readonly bytesReadPerStep: number;
  /** Of one adapter over every matrix inside the layers. */
  readonly loraBytesPerRank: number;
}

const BYTES_16BIT = 2;

/** 4-bit GPTQ in groups of 128: four bits, and for each group one 16-bit scale and one 4-bit zero point. */
const BYTES_GPTQ_4BIT_128 = (4 + (16 + 4) / 128) / 8;

function layerMatrices(c: TransformerConfig): readonly (readonly [number, number])[] {
  const queries = c.attentionHeads * c.headDim;
  const keys = c.kvHeads * c.headDim;
  return [
    [c.hiddenSize, queries],
    [c.hiddenSize, keys],
    [c.hiddenSize, keys],
    [queries, c.hiddenSize],
    [c.hiddenSize, c.intermediateSize],
    [c.hiddenSize, c.intermediateSize],
    [c.intermediateSize, c.hiddenSize],
  ];
}

export function transformerSize(c: TransformerConfig): TransformerSize {
  const matrices = layerMatrices(c);
  const linearParameters = c.layers * matrices.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
  const biases = c.qkvBias ? (c.attentionHeads + 2 * c.kvHeads) * c.headDim : 0;
  const norms = c.normsPerLayer * c.hiddenSize + (c.qkNorms ? 2 * c.headDim : 0);
  const vectors = c.layers * (biases + norms) + c.hiddenSize;
  const embedding = c.vocabSize * c.hiddenSize;
  const embeddings = c.tiedEmbeddings ? embedding : 2 * embedding;
  const linearBytes = linearParameters * (c.linearWeights === "16bit" ? BYTES_16BIT : BYTES_GPTQ_4BIT_128);
  return {
    parameters: linearParameters + vectors + embeddings + c.otherParameters,
    linearParameters,
    weightBytes: Math.ceil(linearBytes + BYTES_16BIT * (vectors + embeddings + c.otherParameters)),
    // The output head is read whole; of the input embedding only one row a sequence, which is nothing beside it.
    bytesReadPerStep: Math.ceil(linearBytes + BYTES_16BIT * (vectors + embedding)),
    loraBytesPerRank: BYTES_16BIT * c.layers * matrices.reduce((sum, [rows, columns]) => sum + rows + columns, 0),
  };
}
