//! Which of the words that two texts share tell somebody why they are alike: no courtesies, times and words of every request.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::lines::words::{fold, is_empty_word};

/// Shorter words are seldom names of things.
const LEAST_LETTERS: usize = 4;

/// Words that stand in tickets on any matter, folded; English and French together, because a text may hold both.
static EVERYDAY: LazyLock<BTreeSet<&str>> = LazyLock::new(|| ENGLISH.split(' ').chain(FRENCH.split(' ')).collect());
const ENGLISH: &str = "\
    able according actually afternoon ahead almost alone along already although always among another anybody anyone anything anyway apart \
    around aside asked asking available away back because become begin behind believe below best better between beyond both bring call \
    called came case certain certainly chat clear come comes coming company contact couple customer customers daily date dates days didn \
    different doesn doing done down each early eight either else enough ever every everybody everyone everything exactly example fact \
    faithfully fast feel felt find fine first five following forward found four friday full further gave general getting give given gives \
    glad goes going gone good grateful great greetings half hand happen happened happy having hear heard help hence hope hour hours \
    however idea important inside instead issue itself keep kept kind kindly knew know known large last late later least leave left less \
    like line list little long longer look looked looking looks made madam main make making many matter maybe mean means mention message \
    mind mine minute minutes moment monday month months more morning most much must myself name near need needed needs next nice night \
    nine nobody normal note nothing noticed number often okay open opened other others over page part people perhaps person plus point \
    possible problem quick quickly quite rather read ready real really reason received regarding reply request right round said same \
    saturday saying says second seconds seem seems seen send sender sent service seven several show shows side simply since sincerely \
    single sirs small somebody someone something sometimes soon sorry sort start started still stop subject such sunday support sure take \
    taken takes team tell telling thing things think third thought three through thursday time times today together told tomorrow took \
    tried true truly trying tuesday turn turned twelve twice under understand until upon used using usual waiting want wanted wants \
    wednesday week weeks well went whatever whether whole wish within wonder wondering work working works worse wrong wrote year years \
    yesterday yourself brother daughter father husband mother sister money pound pounds euro euros wife january february march april june \
    july august september october november december";
const FRENCH: &str = "\
    abord accord actuellement afin ainsi aller allez alors ancien annee annees apres attends attente aujourd aupres aussi autant autour \
    autre autres avais avait avant avoir beaucoup besoin bien bientot bonne cause celle celles celui certaine cependant ceux chaque chose \
    choses cinq client clients combien comment compris concernant contre cordialement cote coup cours debut dehors demain demande \
    demander demandez dernier derniere derniers desole dessous dessus deux devant devez devrait dimanche dire dites dois doit doivent \
    donne donner donnez dont dossier droit duree effet ensemble ensuite entre envers environ equipe espere essaye est-ce etaient etais \
    etant etre exactement exemple facon fais faire faites faudrait faut fois font grace grand grande habitude hier heure heures hors huit \
    indique indiquer informe instant jeudi jour journee jours jusqu juste laisse laquelle lequel lesquels ligne lors lorsque lundi madame \
    madames mademoiselle maintenant malgre manque marche mardi matin maximum meilleur meilleures memes mercredi messieurs mettre midi \
    mieux mise mois moins monde monsieur montre moyen necessaire neuf nombre nombreux normalement nouveau nouvelle nuit numero objet \
    pareil parce parfois parle partie partir partout passe passer pendant pense petit petite peut peux peuvent pire place plusieurs \
    plutot portez pourquoi pourrait pourriez pourtant pouvez pouvoir precise premier premiere prendre pres presque prie pris probleme \
    propos puis puisque quatre quelque quelques quelqu question questions rapidement recu recue regarde remercie repondre repond reponse \
    reste retrouve rien salut salutations samedi sais sait sauf savoir seconde secondes seize selon semaine semaines semble sens sept \
    serait serez seul seule seulement sinon soir soit souhaite souvent sous suite suivant surtout tant tard telle tellement temps tient \
    toujours toutefois toutes travers trois trop trouve trouver vais valable vendredi veuillez veut veux vers vient viens vite voici \
    voila voir voit vont vouloir voulez voudrais vrai vraiment argent femme fille fils frere livres mari parents parlent parler plein \
    pleine soeur toucher touche janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre";

/// Whether a word says something of a matter where it stands alone.
#[must_use]
pub fn is_telling(word: &str) -> bool {
    let folded = fold(word);
    let is_word = folded.chars().count() >= LEAST_LETTERS && folded.chars().all(|c| c.is_alphabetic() || c == '-');
    is_word && !is_empty_word(&folded) && !EVERYDAY.contains(folded.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_everyday_word_stands_there_once_and_for_a_reason() {
        let mut seen = BTreeSet::new();
        for word in ENGLISH.split(' ').chain(FRENCH.split(' ')) {
            let can_be_met =
                fold(word) == word && word.chars().count() >= LEAST_LETTERS && word.chars().all(|c| c.is_alphabetic() || c == '-');
            assert!(can_be_met && !is_empty_word(word), "`{word}` is quiet without this list");
            assert!(seen.insert(word), "`{word}` stands there twice");
        }
    }

    #[test]
    fn a_thing_tells_something_and_courtesies_times_and_numbers_do_not() {
        let check = |words: &[&str], expected: bool| words.iter().for_each(|word| assert_eq!(is_telling(word), expected, "{word}"));
        check(&["battery", "swollen", "Remboursement", "batterie", "caméra", "wi-fi", "refund"], true);
        check(
            &["Sincerely", "cordialement", "Madame", "morning", "août", "reçu", "Numéro", "three", "because", "hope", "tout", "parler"],
            false,
        );
        check(&["2026", "24h00", "lid", "x"], false);
    }
}
