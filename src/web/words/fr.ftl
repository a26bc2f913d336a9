# The interface in French; no-break spaces stand before `: ; ? ! %` and inside « ».

## Every page

product = Backchannel
skip = Aller au contenu
search-tickets = Rechercher dans les tickets, conversations et articles
search-hint = Rechercher
sign-in = Se connecter
sign-out = Se déconnecter
to-inbox = Aller à la boîte de réception
inbox = Boîte de réception
no-subject = Sans objet
being-read = Lecture en cours
keys = Raccourcis clavier
keys-everywhere = Partout
keys-ticket = Ticket
keys-show = Afficher cette liste
keys-search = Rechercher
keys-waiting = Aller à ce qui est à traiter
keys-inbox = Aller à la boîte de réception
keys-knowledge = Aller aux connaissances
keys-people = Aller aux personnes
keys-next = Ticket suivant
keys-previous = Ticket précédent
keys-open = Ouvrir le ticket
keys-reply = Rédiger une réponse
keys-note = Rédiger une note interne
keys-side = Écrire une conversation annexe
keys-ask = Poser une question sur le ticket
keys-back = Retour à la boîte de réception
keys-on = Utiliser ces touches
keys-close = Fermer
switch-language = Langue
switch-theme = Thème
theme-system = Selon le système
theme-light = Clair
theme-dark = Sombre

## Inbox

inbox-caption = Tickets, du plus récent au plus ancien
inbox-caption-urgency = Tickets, du plus urgent au moins urgent
inbox-order = Ordre
inbox-order-newest = Plus récents d’abord
inbox-order-urgency = Plus urgents d’abord
inbox-filter-status = Filtrer par statut
inbox-filter-group = Filtrer par groupe
inbox-every-status = Tous
inbox-every-group = Tous les groupes
inbox-column-ticket = Ticket
inbox-column-status = Statut
inbox-column-intent = Motif
inbox-column-sentiment = Ressenti
inbox-column-priority = Priorité
inbox-column-group = Groupe
inbox-column-language = Langue
inbox-column-age = Âge
views = Vos vues
view-keep = Garder cette vue
view-name = Nom de la vue
view-go = Garder
view-remove = Supprimer cette vue
inbox-unclear = À trier à la main
inbox-choose = Choisir { $reference }
inbox-correct = Corriger les tickets choisis
inbox-corrected =
    { $of ->
        [one] { $count } ticket sur { $of } corrigé.
       *[other] { $count } tickets sur { $of } corrigés.
    }
inbox-pending =
    { $count ->
        [one] { $count } ticket est encore en cours de lecture.
       *[other] { $count } tickets sont encore en cours de lecture.
    }
inbox-refresh = Actualiser
inbox-of-intent = Tickets dont le motif est « { $intent } ».
inbox-every-intent = Tous les motifs
inbox-found = Tickets qui correspondent à « { $text } ».
inbox-clear-search = Effacer la recherche
inbox-pages = Pages
inbox-newest = Les plus récents
inbox-older = Tickets plus anciens
inbox-no-match = Aucun ticket ne correspond
inbox-no-match-help = Essayez avec moins de mots, un autre statut ou un autre groupe.
inbox-show-all = Afficher tous les tickets
inbox-on-the-way = Vos tickets arrivent
inbox-on-the-way-help = Ils s’affichent ici dès que les premiers ont été lus.
inbox-empty = Aucun ticket pour l’instant
inbox-empty-help = Les tickets s’affichent ici dès leur arrivée. Vous pouvez en ajouter de trois façons :
inbox-way-file = À partir d’un fichier
inbox-way-api = Par l’API
inbox-way-demo = Avec une entreprise fictive

## Search

search = Recherche
search-for = Résultats pour « { $text } »
search-results = Résultats
search-count =
    { $count ->
        [one] { $count } résultat
       *[other] { $count } résultats
    }
search-by-words = Tickets qui contiennent tous ces mots
search-no-ticket = Aucun ticket ne les contient tous.
search-newest =
    { $count ->
        [one] Seul le plus récent est affiché.
       *[other] Seuls les { $count } plus récents sont affichés.
    }
search-in-inbox = Les afficher dans la boîte de réception
search-near = Le plus proche par les mots et le sens
search-list = Filtrer cette liste par « { $text } »
search-all = Afficher tous les résultats pour « { $text } »
search-enter = Entrée
search-everything = Chercher partout, par le sens aussi
search-failed = La recherche ne répond pas. Appuyez sur Entrée pour l’essayer sur sa propre page.
search-partial = La recherche dans les articles et les conversations est indisponible pour l’instant ; celle des tickets a répondu.
search-again = Réessayer
search-empty = Que cherchez-vous ?
search-empty-help = Tickets, commentaires, conversations annexes, fichiers et articles se trouvent par leurs mots et par leur sens, avec ou sans accents.
search-none = Rien n’a été trouvé
search-none-help = Essayez avec moins de mots, ou d’autres pour le même sujet.
search-marks-help = Les mots entre guillemets restent ensemble. Les numéros de commande, de colis et de facture se trouvent où qu’ils soient écrits.
found-passage = Article
found-ticket = Ticket
found-comment = Commentaire
found-message = Conversation annexe
found-attachment = Fichier
found-person = Personne

## Incidents

incidents = Incidents
incidents-help = Beaucoup de clients ont écrit la même chose en quelques heures, et plus que d’habitude. Les tickets suivants s’y ajoutent, jusqu’à un jour sans ticket.
incidents-empty = Aucun incident pour l’instant
incidents-empty-help = Ici viendraient les vagues de tickets semblables : ce qui se passe, depuis quand, et à quelle vitesse.
incidents-all = Tous les incidents
incident-growing = En cours
incident-quiet = Calme
incident-over = Terminé
incident-unnamed = Tickets semblables
incident-tickets =
    { $count ->
        [one] { $count } ticket
       *[other] { $count } tickets
    }
incident-first = Premier ticket
incident-last = Dernier ticket
incident-rate = { $rate } par heure
incident-growth = Progression
incident-its-tickets = Ses tickets
incident-notice =
    { $count ->
        [one] Un incident est en cours : { $count } ticket depuis le { $since }
       *[other] Un incident est en cours : { $count } tickets depuis le { $since }
    }
incident-look = Le voir

## Waiting for you

waiting = À traiter par vous
waiting-all = Tout ce qui attend
waiting-whose = À qui
waiting-mine = À vous
waiting-everybodys = À tout le monde
waiting-nobodys = Vous n’avez ni ticket ni équipe. Voici ce que personne n’a encore pris.
waiting-loose-ends = Conversations annexes en suspens
waiting-unanswered = Clients qui attendent une réponse
waiting-assigned = chez { $name }
waiting-unassigned = chez personne
waiting-more =
    { $count ->
        [one] Et encore 1.
       *[other] Et encore { $count }.
    }
waiting-more-open =
    { $count ->
        [0] Il peut y en avoir d’autres.
        [one] Et encore au moins 1.
       *[other] Et encore au moins { $count }.
    }
waiting-show-more = Afficher la suite
waiting-empty = Rien ne vous attend
waiting-empty-all = Rien n’attend
waiting-empty-help = Ici apparaîtraient les réponses dont le client n’a pas été informé, les conversations annexes où personne ne répond, celles qui restent ouvertes sur un ticket résolu, et les tickets où le client a écrit en dernier.
waiting-show-all = Voir ce qui attend tout le monde

## Ticket: head, conversation, composer

ticket-neighbours = Tickets de cette liste
ticket-show = Afficher
ticket-conversation = Conversation
ticket-suggestions = Suggestions
ticket-assigned = Attribué à { $name }
said-customer = Client
said-agent = Réponse publique
said-note = Note interne
talk-quoted = Texte cité
talk-signature = Signature
talk-side-conversation = Conversation annexe
talk-with = Avec { $people }
talk-to-answer = Vers la réponse
talk-to-unread = Vers le premier non lu
talk-to-newest = Vers le plus récent
talk-find = Chercher dans cette conversation annexe
talk-messages =
    { $count ->
        [one] { $count } message
       *[other] { $count } messages
    }
leaving-queued = En attente d’envoi
leaving-sending = Envoi en cours
leaving-sent = Envoyé
leaving-refused = Non envoyé
leaving-unknown =
    { $by ->
        [slack] Peut-être envoyé : la liaison s’est coupée avant la réponse de Slack
        [teams] Peut-être envoyé : Teams ne dit pas s’il l’a reçu
       *[other] Peut-être envoyé : la liaison s’est coupée avant la réponse du serveur de messagerie
    }
leaving-next = prochain essai
leaving-missed = Pas à { $name }
leaving-again = Renvoyer
leaving-was-sent = Il a été envoyé
leaving-server-away =
    { $by ->
        [slack] Slack est injoignable
        [teams] Teams est injoignable
       *[other] le serveur de messagerie est injoignable
    }
leaving-server-busy =
    { $by ->
        [slack] Slack demande d’essayer plus tard
        [teams] Teams demande d’essayer plus tard
       *[other] le serveur de messagerie demande d’essayer plus tard
    }
leaving-login-refused =
    { $by ->
        [slack] Slack refuse l’accès à cette installation
        [teams] Teams refuse l’accès à cette installation
       *[other] le serveur de messagerie refuse l’accès à cette installation
    }
leaving-sender-refused = le serveur de messagerie n’accepte pas l’adresse du service
leaving-no-workspace = il y a plusieurs espaces de travail, et la messagerie n’est réglée pour aucun
leaving-no-trust = le certificat du serveur de messagerie n’est pas reconnu
leaving-mailbox-unknown = boîte inconnue
leaving-mailbox-full = boîte pleine
leaving-not-allowed =
    { $by ->
        [slack] Slack ne l’autorise pas
        [teams] Teams ne l’autorise pas
       *[other] refusé par les règles du destinataire
    }
leaving-too-large = trop volumineux
leaving-rejected =
    { $by ->
        [slack] refusé par Slack
        [teams] refusé par Teams
       *[other] refusé par le serveur de messagerie
    }
leaving-broke-off = la liaison s’est coupée
leaving-gave-up = essayé pendant trois jours
leaving-unfit = une adresse ou un fichier ne peut pas être envoyé
leaving-channel-unknown = il n’y a pas de tel canal, ou rien n’y mène
leaving-not-in-channel = l’application n’est pas dans le canal : invitez-la
leaving-channel-archived = le canal est archivé
leaving-person-unknown = personne n’y a cette adresse
leaving-files-left = Les fichiers de ce courriel ({ $size }) sont restés dans la boîte.
leaving-files-there =
    { $by ->
        [teams] Fichiers restés dans Teams :
       *[other] Fichiers restés dans Slack :
    }
held-stranger = ne participe pas
held-of-the-desk = se dit du service, ce que toute personne consultée pourrait écrire
held-several-senders = nomme plusieurs expéditeurs
held-forged = selon le serveur de messagerie du service, l’expéditeur n’est pas celui qu’il prétend être
held-unread = le texte n’a pas pu être lu ; une fois accepté, tout le courriel devient un fichier
held-too-many = un de trop en peu de temps
held-machine = écrit par une machine
held-undelivered = annonce qu’un message n’est pas arrivé
held-accept = Accepter
held-drop = Écarter
automatic-answer = Réponse automatique pour { $name }
talk-whole = Afficher tout le texte
talk-latest = Afficher les derniers messages
talk-earlier =
    { $count ->
        [one] Afficher { $count } message antérieur
       *[other] Afficher { $count } messages antérieurs
    }
files = Fichiers
file-waiting = lecture en cours
file-searchable = texte indexé
file-refused = lecture impossible
file-claims = Se présente comme { $kind } et ne l’est pas : enregistrez-le seulement si vous l’attendez.
file-pick = Joindre des fichiers
file-limit = { $size } au plus par fichier. Vous pouvez aussi les déposer ici.
file-cancel = Annuler
file-remove = Retirer
file-uploaded = joint
file-too-large = dépasse { $size }
file-failed = n’est pas arrivé : réessayez
write = Rédiger
write-kind = Qui lira ce texte
write-reply = Réponse
write-note = Note interne
write-body = Texte
write-hint = Écrivez ici, ou partez d’une suggestion
write-reply-help = Pour le client. Conservé ici : rien n’est encore envoyé.
write-note-help = Seuls vos collègues liront ce texte.
write-then = Le ticket passe à
write-send = Répondre
write-add = Ajouter la note
live-on = En direct
live-off = Reconnexion…
live-changed = De nouvelles suggestions sont disponibles.
live-show = Les afficher
live-failed = Les suggestions n’ont pas pu être actualisées. Rechargez la page pour réessayer.

## Ticket: the panel's parts

panel-jumps = Parties des suggestions
jump-next-step = Suite
jump-reply = Réponse
jump-passages = Articles
jump-similar = Tickets
jump-people = Contacts
jump-draft = Conversation annexe
jump-loose-ends = À suivre
panel-why = Pourquoi :
panel-closest = Le plus proche :
panel-made = Préparé le
panel-preparing = Lecture du ticket et recherche de réponses…
panel-preparing-noscript = Rechargez cette page dans quelques secondes.
panel-behind = Ce sur quoi ceci repose a changé : tout est refait.
cite = Source { $number }, { $title }
cite-quote = { $title } : « { $quote } »
thumb-up = Utile
thumb-up-for = Utile : { $what }
thumb-down = Pas utile
thumb-down-for = Pas utile : { $what }
thumb-thanks = C’est noté
thumb-failed = Non enregistré. Réessayez.
aside = Mettre de côté
aside-for = Mettre de côté : { $what }
aside-hours = Pour quatre heures
aside-day = Pour un jour
aside-week = Pour une semaine
aside-good = Pour de bon
aside-is = Mis de côté
aside-until = Mis de côté jusqu’au
aside-back = Reprendre
aside-back-for = Reprendre : { $what }

customer = Client
# A date follows.
customer-since = Client depuis le
customer-prefers = Langue préférée : { $language }
customer-orders = Commandes
customer-earlier-orders =
    { $count ->
        [one] { $count } commande antérieure
       *[other] { $count } commandes antérieures
    }
customer-other-tickets =
    { $count ->
        [one] { $count } autre ticket
       *[other] { $count } autres tickets
    }

triage = Qualification
triage-intent = Motif
triage-also = Autres motifs
triage-sentiment = Ressenti
triage-urgency = Urgence
triage-language = Langue
triage-priority = Priorité
triage-priority-guess = fixée ; suggérée : { $priority }
triage-route = Orientation
route-rule = Selon la règle : { $because }
route-head = D’après { $because }
route-person = Corrigé par { $because }
triage-tags = Étiquettes
triage-entities = Repéré dans le texte
entity-check-right = clé de contrôle correcte
entity-check-wrong = clé de contrôle incorrecte
entity-other-order = ne figure pas parmi les commandes de ce client
entity-personal = donnée personnelle : masquée dans l’index et les journaux
triage-duplicates = Doublon possible de
triage-incident = Incident
incident-part-of =
    { $count ->
        [one] Fait partie d’un incident : 1 ticket depuis le { $since }
       *[other] Fait partie d’un incident : { $count } tickets depuis le { $since }
    }
incident-part-of-past =
    { $count ->
        [one] A fait partie d’un incident : 1 ticket du { $since } au { $until }
       *[other] A fait partie d’un incident : { $count } tickets du { $since } au { $until }
    }
incident-last-hour =
    { $count ->
        [0] aucun dans la dernière heure
        [one] 1 dans la dernière heure
       *[other] { $count } dans la dernière heure
    }
duplicate-of = Doublon de
duplicate-of-help = La référence d’un autre ticket, par exemple T-1004.
duplicate-go = Le signaler
duplicate-not = Pas le même
duplicate-not-for = { $reference } n’est pas le même
duplicate-said = { $name } l’a dit le { $day }
duplicate-denied = { $reference } n’est pas le même, selon { $name } le { $day }
duplicate-take-back = Annuler
duplicate-take-back-for = Annuler ce qui a été dit de { $reference }
why = Pourquoi ?
why-neighbour = { $title } : « { $quote } »
why-against = contre : { $word }
why-topic-text = Lecture
why-topic-intent = Intention
why-topic-rules = Règles
why-topic-route = Acheminement
why-topic-priority = Priorité
why-topic-mood = Sentiment et urgence
why-topic-duplicates = Doublons
why-topic-incident = Incident
probability = Probabilité
probability-none = pas encore étalonné
correct = Corriger
correct-keep = Ne pas changer
correct-out-of-scope = Hors périmètre
correct-go = Corriger
correct-take-back = Retirer la correction
corrected = Corrigé par { $name } le { $day }

next-step = Prochaine étape
next-step-done = Rien à faire : ce ticket est résolu.
summary = Résumé
threads = Conversations annexes
thread-asked = Demandé
thread-answered = Répondu
thread-decided = Décidé
thread-promised = Promis
thread-due = pour le { $day }
thread-open = En suspens
thread-tell = À dire au client
thread-facts = Cité
thread-withdrawn = Retiré
thread-rest = La suite
thread-also = Aussi
thread-waiting-on = En attente de { $name }
# A date follows.
since = depuis le

reply-draft = Brouillon de réponse
draft-copy = Copier
draft-copied = Copié
draft-insert = Utiliser comme réponse
draft-edit = Modifier d’abord
thread-draft = Conversation annexe à ouvrir
thread-draft-to = À
thread-draft-subject = Objet
thread-draft-body = Message
thread-context = Contexte tiré du ticket
thread-context-choose = Choisir ce qui est joint
thread-context-help = Cité sous le message. Les données de paiement sont retirées et, si des personnes externes le lisent, aussi les adresses e-mail, les numéros de téléphone et le nom connu du client. Relisez le reste : une adresse postale y demeure.
thread-draft-open = Ouvrir la conversation annexe
thread-draft-own = Interroger quelqu’un vous-même
thread-draft-channel = Canal

passages = Dans les connaissances
passage-show-all = Tout afficher
# A date follows.
similar-tickets = Tickets similaires
similar-solved-by = Résolu par :
similar-threads = Déjà répondu
experts = À qui demander
expert-outsider = externe à l’entreprise
expert-open-threads =
    { $count ->
        [one] { $count } question en attente
       *[other] { $count } questions en attente
    }
channel-usual-reply = Répond d’habitude en { $time }
channel-expected-reply = Réponse attendue en { $time }
channel-threads =
    { $count ->
        [0] (aucun échange pour l’instant)
        [one] (d’après { $count } échange)
       *[other] (d’après { $count } échanges)
    }
loose-ends = En suspens
loose-end-not-relayed = Le client n’en sait encore rien
loose-end-stalled = Toujours sans réponse
loose-end-child-solved = Ticket enfant résolu, le client attend encore
loose-end-open-on-solved = Encore ouverte sur un ticket résolu
end-nudge = Relance prête à envoyer
end-reply = Réponse pour le client
end-close = Un dernier mot prêt à envoyer
end-to = À
# Numbers of citations follow.
end-from = D’après
end-send = Envoyer
sources = Sources

## Why, and what to look at: `src/domain/reason/english.rs` says the same to the API; a test compares them

quoted = « { $text } »
reason-no-words = le ticket ne contient aucun mot lisible : à trier à la main
reason-no-intents = l’espace de travail n’a encore ni motifs ni tickets étiquetés : ajoutez des exemples dans intents.toml
reason-few-intents = trop peu d’exemples de motifs différents : rien ne peut encore être distingué
reason-out-of-scope = il ressemble à des tickets qui étaient hors périmètre
reason-said-out-of-scope = { $name } a indiqué qu’il est hors périmètre
reason-not-calibrated = moins de 30 tickets étiquetés : la probabilité ne peut pas encore être étalonnée
reason-no-likely-intent = aucun motif n’est assez probable : à trier à la main
reason-unfamiliar = il ne ressemble à aucun ticket classé : à trier à la main
reason-below-precision = aucun motif n’est assez probable pour les { $percent } % de précision demandés : à trier à la main
reason-no-article = aucun article n’est assez proche de ce ticket
reason-no-readable-article = aucun article que vous pouvez lire n’est assez proche de ce ticket
reason-nobody-knows = personne n’a encore répondu à une question semblable, et aucune compétence n’est assez proche
reason-nobody-to-ask = la personne à consulter l’est déjà, ou aucun canal ne mène à elle
reason-solved-ticket = ce ticket est résolu
reason-other-step = une autre étape passe d’abord
reason-nobody-needed = on peut répondre au client sans rien demander à personne
reason-unclear-matter = ce ticket ne dit pas clairement sur quoi il porte
reason-no-customer-article = aucun article que les clients peuvent lire n’y répond
reason-no-clear-article = des articles lisibles par les clients sont proches, mais aucun n’y répond assez clairement pour un brouillon
reason-read-again = la correction a été retirée : le ticket est relu
reason-no-readable-answer = aucun article que vous pouvez lire n’y répond pour le client
reason-no-clear-step = rien n’indique clairement la suite à donner : à vous de juger
reason-no-readable-step = rien de ce que vous pouvez lire n’indique clairement la suite à donner : à vous de juger
reason-many-steps = des tickets semblables ont été traités de trop de façons différentes : à vous de juger
reason-held-out = non montrées sur ce ticket, pour mesurer ce que valent les réponses antérieures

reason-in-common = les deux parlent de { $words }
reason-near = proche par le sens
reason-updated = { $about } ; mis à jour le { $day }
reason-outdated = { $about } ; plus ancien que les autres : mis à jour le { $day }
reason-found-by-rule = trouvé par la règle « { $rule } » ; mis à jour le { $day }
reason-solved-on = { $about } ; résolu le { $day }
reason-solved = { $about } ; résolu
reason-thread-answered = { $name } a répondu le { $day }
reason-answered =
    { $more ->
        [0] a répondu dans { $reference } le { $day }
        [one] a répondu dans { $reference } le { $day } et dans { $more } autre conversation
       *[other] a répondu dans { $reference } le { $day } et dans { $more } autres conversations
    }
reason-both = { $one } ; { $other }
reason-usually = a répondu dans { $answered } conversations sur { $of } au sujet de « { $about } »
reason-knows = a pour compétences : { $skills }
reason-answers-there = { $name } y répond
reason-goes-to = pour { $name }, qui { $because }
reason-made-of = d’après { $titles }

reason-answer-known = { $name } a répondu et le client n’en sait encore rien.
reason-asked-back = Une question a été posée en retour dans { $reference } le { $day } : la réponse revient à { $name }.
reason-waits-for = { $reference } attend { $name } depuis le { $day }.
reason-overdue = { $reference } attend { $name } depuis le { $day }, plus longtemps que prévu : à relancer.
reason-answered-last = Le client a reçu une réponse et n’a pas écrit depuis.
reason-answered-already = le client a reçu une réponse et n’a pas écrit depuis
reason-first-reply = La règle « { $rule } » dit ce qu’il faut d’abord dire au client.
reason-pass-on = { $name } a la réponse : transmettez-la avec vos mots
reason-like-tickets =
    { $step ->
        [answer] La plupart des tickets semblables ont donné lieu à une réponse.
        [act] La plupart des tickets semblables ont donné lieu à une action.
        [consult] La plupart des tickets semblables ont donné lieu à une conversation annexe.
        [ask_customer] La plupart des tickets semblables ont donné lieu à une question au client.
        [note] La plupart des tickets semblables ont donné lieu à une note interne.
       *[wait] La plupart des tickets semblables ont donné lieu à une attente.
    }
reason-missing = Le client n’a pas indiqué ce que demande cette affaire : { $kinds }.
reason-wrong-check-digit = « { $text } » ({ $kind }) ne peut pas être correct : la clé de contrôle est fausse.
reason-answered-before = { $name } a déjà répondu à une question semblable dans une autre conversation annexe.
reason-article-answers = « { $title } » y répond.
reason-articles-unclear = Les articles trouvés n’y répondent peut-être pas ; mieux vaut demander à { $name }, qui { $because }.
reason-no-article-answers = Aucun article pour les clients n’y répond ; mieux vaut demander à { $name }, qui { $because }.

reason-answer-not-told = { $name } a répondu dans { $reference } le { $day }, et le client n’en a pas été informé.
reason-stalled = { $reference } attend { $name } depuis le { $day } ; une réponse y est attendue sous { $time }.
reason-stalled-usual = { $reference } attend { $name } depuis le { $day } ; une réponse y a d’ordinaire pris { $time }, dans { $count } conversations antérieures.
reason-child-solved = { $reference } a été résolu le { $day } sans réponse, et le client attend toujours.
reason-open-on-solved = { $ticket } est résolu, mais { $reference } est encore ouverte.

reason-left-out = retiré du texte : { $kinds }
reason-left-out-outside = retiré du texte, car quelqu’un d’extérieur à l’entreprise le lira : { $kinds }
reason-outsider-reads = quelqu’un d’extérieur à l’entreprise lira ce texte : vérifiez que chaque phrase peut être communiquée
reason-other-language = le client écrit en { $theirs }, les destinataires lisent en { $read }
reason-no-question = aucune question n’a été trouvée dans le ticket : écrivez ce que vous devez savoir
reason-contradicted = { $older } ; plus récent, { $newer } et fait foi
reason-stated = « { $title } » du { $day } dit « { $text } »
reason-untranslated =
    { $count ->
        [one] { $count } phrase sur { $of } n’est pas dans la langue du client et doit être traduite
       *[other] { $count } phrases sur { $of } ne sont pas dans la langue du client et doivent être traduites
    }
reason-leaves-open = reste sans réponse : { $questions }
reason-forbidden = le ton du playbook proscrit « { $words } »
reason-must-not-be-sent = « { $text } » ({ $kind }) ne doit être envoyé à personne
reason-must-not-leave = « { $text } » ({ $kind }) ne doit pas sortir de l’entreprise
reason-name-would-leave = le nom du client sortirait de l’entreprise
reason-note-would-leave = ce sont les mots d’une note interne
reason-thread-would-leave = ce sont les mots de la conversation annexe { $reference }, à laquelle ces personnes ne participent pas
reason-article-would-leave = ce sont les mots de « { $title } », que ces personnes ne peuvent pas lire
reason-other-customer-would-leave = ceci concerne un autre client : { $reference }
reason-other-customer-named = « { $text } » est un autre client
reason-secret-would-leave = ceci ressemble à un mot de passe, à une clé ou à un code
reason-looks-like = « { $address } » ressemble à une adresse de { $domain } et n’en est pas une
reason-hidden-outsider = « { $address } » est hors de l’entreprise et reçoit une copie cachée
reason-nothing-asked = rien n’est demandé : dites ce que vous attendez, et pour quand
reason-vague-subject = l’objet ne dit pas de quoi il s’agit
reason-many-recipients = cela part à { $count } personnes
reason-not-yours = le ticket est celui de { $name }

## The account of a triage: `src/domain/why/english.rs` says the same to the API; a test compares them

why-words =
    { $count ->
        [one] { $count } mot
       *[other] { $count } mots
    }
why-sentences =
    { $count ->
        [one] { $count } phrase
       *[other] { $count } phrases
    }
why-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
why-customers =
    { $count ->
        [one] { $count } client a écrit
       *[other] { $count } clients ont écrit
    }
why-like-tickets =
    { $count ->
        [one] { $count } ticket semblable
       *[other] { $count } tickets semblables
    }
why-read = { $words } en { $sentences } ont été lus
why-read-nothing = il n’y a rien à lire
why-left-out = { $words } de messages cités, de signatures et de salutations laissés de côté
why-cut-short = seul le début a été lu : le texte est très long
why-language-said = la langue a été indiquée à l’envoi : { $language }
why-language-found = les mots donnent la langue : { $language }
why-language-assumed = les mots ne donnent pas la langue ; supposée : { $language }
why-held = { $name } est assez probable : { $probability }, pour { $least } demandés
why-unlikely = { $name } venait en tête sans être assez probable : { $probability }, pour { $least } demandés
why-near = { $name } venait en tête ; trop peu d’étiquettes pour une probabilité
why-beside = un autre motif : { $name }, { $probability }
why-also = envisagé : { $name }, { $probability }
why-also-unknown = envisagé : { $name }
why-out-of-scope = envisagé que cela ne concerne pas le service : { $probability }
why-out-of-scope-unknown = envisagé que cela ne concerne pas le service
why-no-intent = pas d’intention : { $reason }
why-intent-said = { $name } a dit de quoi il s’agit
why-rule-held = la règle « { $rule } » s’applique
why-rule-nearly =
    { $condition ->
        [intent] la règle « { $rule } » s’appliquait presque : il lui faut l’intention : { $wanted }
        [language] la règle « { $rule } » s’appliquait presque : il lui faut la langue : { $wanted }
        [tier] la règle « { $rule } » s’appliquait presque : il lui faut la formule du client : { $wanted }
        [channel] la règle « { $rule } » s’appliquait presque : il lui faut le canal : { $wanted }
        [words] la règle « { $rule } » s’appliquait presque : il lui faut l’un des mots : { $wanted }
        [entity] la règle « { $rule } » s’appliquait presque : il lui faut un numéro ou un nom du genre : { $wanted }
       *[urgency] la règle « { $rule } » s’appliquait presque : il lui faut l’urgence : { $wanted }
    }
why-no-rule = aucune règle ne s’applique
why-ruled = { $name }, par la règle « { $rule } »
why-learned-least = { $name }, par apprentissage : { $probability }, pour { $least } demandés
why-learned = { $name }, par apprentissage : { $probability }
why-learned-unknown = { $name }, par apprentissage
why-route-said = { $group }, selon { $name }
why-no-route = rien n’indique à qui l’envoyer
why-priority-usual = comme d’habitude : rien n’indique quand il doit être traité
why-sentiment-learned = sentiment : { $name }, par apprentissage : { $probability }
why-sentiment-learned-unknown = sentiment : { $name }, par apprentissage
why-sentiment-read = sentiment : { $name }, par les mots employés
why-urgency-learned = urgence : { $name }, par apprentissage : { $probability }
why-urgency-learned-unknown = urgence : { $name }, par apprentissage
why-urgency-read = urgence : { $name }, par les mots employés
why-danger = il est question d’un danger, donc critique
why-urgency-ruled = la règle « { $rule } » le dit urgent, donc critique
why-duplicate =
    { $by ->
        [order] { $reference } porte sur la même commande et lui ressemble
        [customer] { $reference } vient du même client et lui ressemble
        [text] { $reference } a presque le même texte
       *[person] { $reference } a été dit le même
    }
why-solved-before = { $reference } vient du même client et lui ressemble, mais a été résolu bien avant
why-far-apart = { $reference } lui ressemble, mais a été écrit bien avant ou après
why-duplicate-denied = { $name } a dit que { $reference } n’est pas le même
why-no-duplicate = aucun parmi { $tickets }
why-incident-part =
    { $count ->
        [one] fait partie d’un incident de { $count } ticket
       *[other] fait partie d’un incident de { $count } tickets
    }
why-incident-few = { $customers } la même chose en { $hours } ; il en faut { $least } pour un incident
why-incident-usual = { $customers } la même chose en { $hours }, pour { $usual } d’habitude : pas d’incident
why-incident-found = { $customers } la même chose en { $hours }, pour { $usual } d’habitude : un incident

## Questions about a ticket

ask = Poser une question
ask-go = Demander
ask-question = Une question sur ce ticket
ask-hint = Qu’a dit { $name } ?
ask-hint-nobody = Une question sur ce ticket
ask-busy = Lecture…
ask-failed = Sans réponse. Réessayez.
ask-nothing = Rien de ce qui a été lu n’y répond. Demandez à un collègue.
ask-read = Lu pour répondre : { $comments } · { $threads } · { $passages } · { $attachments }
ask-comments =
    { $count ->
        [one] { $count } commentaire
       *[other] { $count } commentaires
    }
ask-threads =
    { $count ->
        [one] { $count } conversation annexe
       *[other] { $count } conversations annexes
    }
ask-passages =
    { $count ->
        [one] { $count } passage
       *[other] { $count } passages
    }
ask-attachments =
    { $count ->
        [one] { $count } fichier
       *[other] { $count } fichiers
    }

## Signing in and setting up

sign-in-hello = Heureux de vous revoir
sign-in-confirm = Vous êtes sur le point de vous connecter à Backchannel sur cet appareil.
sign-in-note = Le lien ne fonctionne qu’une fois. Si vous ne l’avez pas demandé, fermez cette page ; rien ne s’est passé.
sign-in-used = Ce lien a déjà servi
sign-in-used-help = Un lien sert une seule fois. S’il vous a permis de choisir un mot de passe, connectez-vous ci-dessous ; si ce n’était pas vous, prévenez un administrateur.
sign-in-expired = Ce lien est trop ancien
sign-in-expired-help = Il était valable jusqu’au { $day }. Demandez-en un autre, ou connectez-vous ci-dessous avec votre mot de passe.
sign-in-unknown = Ce lien n’existe pas
sign-in-unknown-help = Son adresse a peut-être été coupée : copiez-la en entier depuis le message reçu. Ou connectez-vous ci-dessous avec votre mot de passe.
sign-in-choose = Bienvenue, { $name }
sign-in-choose-help = Choisissez le mot de passe avec lequel vous vous connecterez à { $workspace }.
sign-in-reset = Un nouveau mot de passe
sign-in-reset-help = Choisissez un autre mot de passe pour { $workspace }. Le précédent est oublié.
sign-in-choose-go = Définir le mot de passe et se connecter
sign-in-choose-until = Le lien sert une seule fois, jusqu’au
sign-in-wrong = L’adresse ou le mot de passe est incorrect.
sign-in-held =
    { $count ->
        [one] Trop de mots de passe incorrects de suite. Réessayez dans une minute.
       *[other] Trop de mots de passe incorrects de suite. Réessayez dans { $count } minutes.
    }
sign-in-needed = Connectez-vous avec votre adresse et votre mot de passe, ou ouvrez sur cet appareil le lien à usage unique que vous avez reçu.
sign-in-new-link = Un administrateur de votre espace de travail peut vous envoyer un nouveau lien ; sur le serveur, « backchannel sign-in-link » en affiche un.
set-up = Mise en service
set-up-title = Bienvenue dans Backchannel
set-up-help = Personne ne s’est encore connecté ici. Vous serez le premier compte administrateur.
set-up-name = Votre nom
set-up-email = Votre adresse e-mail
set-up-workspace = Nom de l’espace de travail
set-up-workspace-help = En général votre entreprise ou votre équipe d’assistance.
set-up-go = Créer l’espace de travail

## Directory and administration

sections = Rubriques
section-inbox = Tickets
section-waiting = À traiter
section-knowledge = Connaissances
places = Pages de cette section
directory = Annuaire
administration = Administration
list-search = Rechercher dans cette liste
list-search-go = Rechercher
list-no-match = Aucun résultat
list-no-match-help = Essayez moins de mots, ou d’autres.
list-show-all = Tout afficher
list-first = Première page
list-next = Afficher la suite
form-title = { $name }
form-save = Enregistrer
form-back = Retour
form-edit = Modifier
form-none = Aucune
once-label = Affiché seulement maintenant
once-until = Valable jusqu’au
once-done = Terminé

people = Personnes
people-add = Ajouter une personne
people-empty = L’annuaire est encore vide
people-empty-help = Les personnes que l’on peut consulter apparaissent ici. Ajoutez-en une, importez une liste ou appliquez un playbook avec un people.toml.
people-availability = Horaires
people-playbook = Ce que le playbook dit aussi d’une personne est rétabli par le prochain playbook appliqué ; les horaires et l’absence restent.
people-delete = Retirer cette personne
people-delete-help = Elle n’est plus proposée. Ce qu’elle a écrit dans les conversations annexes reste.
person-away = En congé jusqu’au { $day }.
person-away-short = Absence jusqu’au { $day }
person-load = Charge
person-open-threads =
    { $count ->
        [0] Aucune conversation annexe ouverte
        [one] { $count } conversation annexe ouverte
       *[other] { $count } conversations annexes ouvertes
    }
person-no-skills = Rien n’est dit de ses connaissances. Ajoutez des compétences pour qu’on la trouve.
person-lately = Ses dernières réponses
person-lately-none = Pas encore de message dans une conversation annexe.
teams = Équipes
teams-add = Ajouter une équipe
teams-empty = Pas encore d’équipe
teams-empty-help = Une équipe réunit les personnes qui connaissent un même sujet. Ajoutez-en une, importez une liste ou appliquez un playbook.
teams-where = Où
teams-inside = Dans l’entreprise
teams-outside = Hors de l’entreprise
teams-people =
    { $count ->
        [one] { $count } personne
       *[other] { $count } personnes
    }
teams-delete = Retirer cette équipe
teams-delete-help = Seule une équipe que ni personne, ni canal, ni utilisateur ne nomme peut être retirée.
channels = Canaux
channels-add = Ajouter un canal
channels-empty = Pas encore de canal
channels-empty-help = Un canal est l’endroit où l’on interroge une équipe : dans Slack, par e-mail, dans une file. Ajoutez-en un, importez une liste ou appliquez un playbook.
channels-delete = Retirer ce canal
channels-delete-help = Il n’est plus proposé. Les conversations annexes qui y sont passées restent.
customers = Clients
customers-add = Ajouter un client
customers-empty = Pas encore de client
customers-empty-help = Les clients apparaissent ici avec leur premier ticket. Vous pouvez aussi en ajouter un ou importer une liste.
customers-since = Client depuis
customers-orders =
    { $count ->
        [0] Aucune
        [one] { $count } commande
       *[other] { $count } commandes
    }
customers-no-orders = Aucune commande connue. Elles arrivent par l’API ou avec une liste importée.
customers-tickets = Tickets
customers-no-tickets = Aucun message pour l’instant.
customers-delete = Retirer ce client
customers-delete-help = Seul un client sans ticket peut être retiré.

users = Utilisateurs
users-add = Inviter quelqu’un
users-add-help = Vous obtenez un lien à transmettre. Il sert une seule fois : la personne qui le suit choisit son mot de passe.
users-invite = Inviter
users-empty = Personne ne se connecte encore
users-empty-help = Invitez votre premier collègue.
users-state = Connexion
users-signed-in = Dernière visite
users-disabled = Désactivé
users-invited-state = Invitation envoyée
users-with-password = Par mot de passe
users-with-links = Par liens
users-valid =
    { $count ->
        [one] Pendant { $count } jour
       *[other] Pendant { $count } jours
    }
users-invited = Invitation pour { $name }
users-was-reset = Un nouveau lien pour { $name }
users-link-help = Transmettez ce lien. Il sert une seule fois et n’est affiché que maintenant ; Backchannel n’envoie rien de lui-même.
users-reset = Donner un nouveau lien
users-reset-help = Son mot de passe est oublié et ses sessions sont fermées. Vous obtenez un lien pour en choisir un autre.
users-disable = Désactiver
users-disable-help = Ses sessions sont fermées et la connexion est impossible jusqu’à la réactivation. Rien de ce qui a été écrit n’est perdu.
users-enable = Réactiver
users-enable-help = La connexion est de nouveau possible, comme avant.
users-own-role = Un autre administrateur peut changer votre rôle.
users-read-only = Un administrateur peut changer cela.
users-is-disabled = Désactivé : connexion impossible.
users-is-invited = Invitation en cours : le lien n’a pas encore été suivi.
users-never = Jamais connecté.
users-has-password = Se connecte par mot de passe.
users-has-links = Se connecte par liens à usage unique.
role-explained = { $role } : { $help }
role-light-help = lit
role-agent-help = lit les tickets et y écrit
role-approver-help = un agent qui approuve aussi
role-admin-help = tout, y compris utilisateurs et jetons
role-auditor-help = lit tout, y compris le journal d’audit
role-service-help = pour les programmes : tickets et annuaire

tokens = Jetons
tokens-add = Créer un jeton
tokens-add-help = Un programme l’envoie à chaque appel. Ne lui donnez pas plus que nécessaire.
tokens-make = Créer le jeton
tokens-empty = Pas encore de jeton
tokens-empty-help = Les programmes qui appellent l’API en ont besoin.
tokens-made-by = Créé par
tokens-by-token = Un autre jeton
tokens-made = Création
tokens-used = Dernier usage
tokens-never = Jamais
tokens-state = État
tokens-in-force = En vigueur
tokens-revoked = Révoqué
tokens-revoke = Révoquer
tokens-revoke-help = Les programmes qui l’utilisent sont refusés dès maintenant. C’est irréversible.
tokens-created = Le jeton « { $name } »
tokens-secret-help = Copiez-le là où il est nécessaire. Il n’est affiché que maintenant : Backchannel ne garde rien qui permette de le relire.

webhooks = Webhooks
webhooks-add = Créer un webhook
webhooks-add-help = L’un de vos programmes est prévenu à son adresse chaque fois que l’un de ces événements se produit.
webhooks-make = Créer le webhook
webhooks-empty = Pas encore de webhook
webhooks-empty-help = Un webhook dit à l’un de vos programmes ce qui se passe ici, sans qu’il doive le demander.
webhooks-url = Adresse
webhooks-url-help = Elle commence par https:// et mène sur Internet, sauf si l’exploitant autorise l’un de vos réseaux.
webhooks-events = Événements
webhooks-description = À quoi il sert
webhooks-is-enabled = Actif
webhooks-is-failing = En échec
webhooks-is-disabled = Désactivé
webhooks-well = Actif : les messages partent à mesure que les choses arrivent.
webhooks-failing = En échec : ce qui n’est pas reçu est réessayé, jusqu’à dix fois en trois jours environ.
webhooks-gone = Désactivé : le destinataire a répondu qu’il ne veut plus de messages.
webhooks-failed = Désactivé : toutes les tentatives ont échoué pendant cinq jours.
webhooks-created = Le secret de « { $name } »
webhooks-rotated = Le nouveau secret de « { $name } »
webhooks-secret-help = Copiez-le dans le programme qui reçoit les messages : il lui sert à vérifier leurs signatures. Il n’est affiché que maintenant.
webhooks-messages = Derniers messages
webhooks-messages-none = Rien n’a encore été envoyé.
webhooks-what = Message
webhooks-attempts = Tentatives
webhooks-answer = Dernière réponse
webhooks-next = Prochaine tentative
webhooks-waits = En attente
webhooks-delivered = Reçu
webhooks-given-up = Abandonné
webhooks-replay = Renvoyer
webhooks-ping = Envoyer un message d’essai
webhooks-ping-help = Il ne contient rien et montre si les messages arrivent.
webhooks-enable = Réactiver
webhooks-enable-help = Ce qui s’est passé entre-temps n’est pas annoncé. Ce qui a été abandonné peut être renvoyé.
webhooks-rotate = Créer un nouveau secret
webhooks-rotate-help = Pendant un jour, les messages portent deux signatures, avec le nouveau secret et avec le précédent.
webhooks-delete = Supprimer
webhooks-delete-help = Ses messages sont supprimés avec lui, et ce qui n’est pas encore parti ne partira jamais.

learning = Apprentissage
learning-none = Rien n’est appris pour l’instant : il faut deux motifs dans le guide, dont un avec deux exemples, ou des tickets classés.
learning-answers = La version { $version } répond ; elle a appris de { $texts } textes.
learning-held = choisie à la main
learning-heads = Ce qu’elle vaut
learning-heads-help = Sur des tickets qu’elle n’a pas vus : chacun est jugé par des têtes apprises sans un cinquième d’entre eux.
learning-head = Tête
learning-classes = { $classes } classes
learning-right = Justes
learning-f1 = F1 macro
learning-ece = Erreur de calibrage
head-intent = Motif
head-route = Groupe
head-next-step = Prochaine étape
head-priority = Priorité
head-sentiment = Humeur
head-urgency = Urgence
learning-thresholds = Ce qui peut être décidé sans personne
learning-precision = Précision
learning-show = Afficher
learning-no-head = Cette tête n’a pas pu être apprise : trop peu de tickets sont classés.
learning-expected = Attendu
learning-sure = Sûr (neuf fois sur dix)
learning-controlled = De tous les tickets
learning-no-threshold = aucun seuil ne la tient : laissez ces décisions à des personnes, ou classez davantage de tickets
learning-threshold = à partir de { $least } : { $coverage } des tickets, dont { $precision } justes
learning-curve = Précision selon la part des tickets décidés sans personne
learning-all = tous les tickets
learning-curve-help = Jugé sur { $judged } tickets. La ligne pointillée est la précision demandée. « Attendu » compte une erreur de plus que celles vues, pour que quelques coups de chance ne promettent rien. « De tous les tickets » rapporte les erreurs à tous les tickets, y compris ceux qui restent aux personnes. Pour l’appliquer, écrivez-la sous [precision] dans le fichier thresholds.toml du guide.
learning-suspects = Classements à revoir
learning-suspects-none = Tous les classements sont crédibles.
learning-suspects-help = Des têtes qui n’ont pas appris de ces tickets ne croient guère leur classement.
learning-suspect = classé « { $label } », plus probable : « { $likelier } »
learning-oos = aucun d’eux
learning-more = Et { $more } autres : backchannel heads suspects les liste.
learning-versions = Versions
learning-versions-help = La plus récente répond, sauf si une autre est choisie.
learning-version = Version { $version }
learning-in-force = répond
learning-made = { $texts } textes, { $day }
learning-right-of = { $share } justes
learning-use = Utiliser celle-ci
learning-train = Apprendre maintenant
learning-follow = Revenir à la plus récente

lists = Import et export
lists-out = Exporter
lists-out-help = Des listes entières, que l’on peut réimporter telles quelles. Les cellules qu’un tableur exécuterait comme une formule sont neutralisées.
lists-in = Importer
lists-in-help = Ce qui est connu par son adresse ou son nom court est modifié, le reste est ajouté. Une seule ligne refusée écarte tout le fichier.
lists-which = Liste
lists-file = Fichier
lists-file-help = Un tableau CSV avec les colonnes d’un export, ou des lignes JSON ; en UTF-8, 8 Mio au plus.
lists-go = Importer
lists-check = Vérifier seulement
lists-done = C’est importé. Ajouts : { $created }, modifications : { $updated }, sans changement : { $unchanged }.
lists-checked = L’import est possible. Ajouts : { $created }, modifications : { $updated }, sans changement : { $unchanged }. Rien n’a encore changé.
lists-refused = Rien n’a été importé
lists-refused-help = Ces lignes sont refusées. Corrigez-les et renvoyez le fichier entier.
lists-line = Ligne
lists-reason = Raison
lists-more =
    { $count ->
        [one] Et { $count } autre.
       *[other] Et { $count } autres.
    }
form-file-too-large = Le fichier est plus grand que cette page ne l’accepte. Choisissez-en un plus petit, ou utilisez la commande « ingest ».
format-lines = Lignes JSON
format-csv = CSV

account = Votre compte
account-help = Changer votre mot de passe ferme toutes vos autres sessions.
account-help-none = Vous n’avez pas encore de mot de passe et vous vous connectez par liens. Choisissez-en un pour vous connecter par vous-même.
account-change = Définir le mot de passe
account-changed = Votre mot de passe est défini. Toutes vos autres sessions sont fermées.
account-wrong = Ce n’est pas votre mot de passe actuel.

field-email = Adresse e-mail
field-name = Nom
field-title = Nom
field-short-name = Nom court
field-short-name-help = a-z, 0-9, _ et - ; il ne peut plus être changé.
field-role = Rôle
field-person-role = Fonction
field-team = Équipe
field-languages = Langues
field-languages-help = Des codes de deux lettres, comme en, fr
field-language = Langue
field-language-help = Un code de deux lettres, comme fr
field-skills = Compétences
field-skills-help = Une par ligne, avec les mots des clients et des collègues.
field-hours = Horaires de travail
field-hours-help = Comme vous l’écririez, par exemple lun. à ven., 9 h à 17 h
field-away-until = En congé jusqu’au
field-away-until-help = Le premier jour du retour ; vide en cas de présence.
field-away-note = Note sur l’absence
field-away-note-help = Par exemple qui assure le remplacement.
field-kind = Moyen
field-address = Adresse
field-address-help = Une adresse e-mail, une file, un canal Slack par son nom ou son identifiant, ou un canal Teams par son identifiant (19:…@thread.tacv2).
field-channel-teams = Équipes qui y répondent
field-expected = Réponse attendue
field-expected-minutes = Réponse attendue, en minutes
field-use-for = À quoi il sert
field-organisation = Organisation
field-tier = Formule
field-owner = Responsable du compte
field-owner-help = L’adresse du collègue qui suit ce client.
field-notes = Notes
field-external-id = Identifiant dans un autre système
field-external-id-help = Il ne peut plus être changé.
field-user-teams = Équipes dont il peut lire les éléments réservés
field-user-teams-help = Sans équipe, seulement ce qui est ouvert à tous les collègues.
field-valid = Le lien sert
field-token-name = À quoi il sert
field-token-name-help = Par exemple import des commandes
field-password = Mot de passe
field-workspace = Espace de travail
field-workspace-help = Son nom court, par exemple alderwick
field-current-password = Mot de passe actuel
field-new-password = Nouveau mot de passe
field-new-password-help = De 12 à 128 caractères. Quatre mots sans rapport entre eux conviennent.
person-role-agent = Agent
person-role-light-agent = Agent restreint
person-role-expert = Expert
person-role-outsider = Externe

## Problems

problem-not-found = Il n’y a rien ici
problem-not-found-help = L’adresse comporte peut-être une erreur, ou le ticket a été supprimé ou appartient à un autre espace de travail.
problem-signed-out = Vous n’êtes pas connecté
problem-signed-out-help = Connectez-vous avec votre adresse et votre mot de passe, ou avec un lien à usage unique : un administrateur de votre espace de travail peut vous en donner un, à ouvrir sur cet appareil.
problem-forbidden = Vous n’avez pas ce droit
problem-forbidden-help = Votre rôle ne le prévoit pas. Un administrateur de votre espace de travail peut le modifier.
problem-stale = Ce formulaire est trop ancien
problem-stale-help = Votre session a changé depuis l’ouverture de la page. Revenez en arrière, rechargez-la et envoyez le formulaire de nouveau.
problem-overtaken = Non envoyé : quelqu’un a écrit entre-temps
problem-overtaken-help = Lisez d’abord ce message. Renvoyez ensuite votre texte, tel quel ou modifié : il est ci-dessous.
problem-busy = Trop de demandes à la fois
problem-busy-help = Backchannel est très sollicité. Patientez quelques secondes et réessayez ; rien n’a été perdu.
problem-broken = Un problème est survenu de notre côté
problem-broken-help = Rien n’a été perdu. Réessayez dans un instant ; si le problème persiste, signalez-en l’heure à votre administrateur.
problem-refused = Cela n’a pas fonctionné
problem-refused-help = Revenez en arrière, vérifiez votre saisie et réessayez.
problem-kept = Votre texte, à copier et à envoyer de nouveau
problem-read = Lire
problem-back = Retour à la page
problem-request = Numéro de la demande
refused-known = { $name } est déjà dans la liste : ouvrez sa page pour modifier.
refused-foreign = Le formulaire a été envoyé depuis un autre site, ou « server.public_url » n’est pas l’adresse que vous avez ouverte.
refused-too-long = Le texte est trop long : 64 Kio au plus.
refused-file-too-large = Un fichier dépasse { $mebibytes } Mio : choisissez-en un plus petit.
refused-files-too-large = Les fichiers dépassent ensemble { $mebibytes } Mio : envoyez-les en plusieurs messages.
refused-many-files = Un message contient au plus { $files } fichiers : envoyez les autres avec un autre message.
refused-unsent = Trop de vos fichiers attendent d’être envoyés (au plus { $files }, et { $mebibytes } Mio en tout) : envoyez-en avec un message ou attendez, car ceux qui ne sont pas envoyés sont oubliés au bout d’un jour.
refused-file-gone = L’un des fichiers n’existe plus : choisissez-le de nouveau.
refused-no-file = Aucun fichier n’a été choisi.
refused-no-body = Le message est vide : rédigez-le.
refused-no-correction = Rien n’a été indiqué : choisissez un motif, une orientation ou les deux.
refused-empty-comment = Le texte est vide : écrivez d’abord quelque chose.
refused-overtaken = { $name } a écrit sur ce ticket après l’ouverture de la page sur laquelle vous rédigiez.
refused-aside = Choisissez pour combien de temps le mettre de côté.
refused-no-other = Indiquez l’autre ticket par sa référence.
refused-unknown-ticket = Il n’y a pas de ticket « { $reference } » : indiquez l’autre par sa référence.
refused-no-ticket = Aucun ticket n’a été choisi.
refused-many-tickets = { $most } tickets au plus sont corrigés à la fois : choisissez-en moins.
refused-view-name = Donnez à la vue un nom de { $most } caractères au plus.
refused-no-subject = L’objet est vide : indiquez de quoi il s’agit.
refused-no-recipient = Aucun destinataire : indiquez au moins une adresse.
refused-no-question = La question est vide : écrivez au moins un mot.
refused-email = « { $given } » n’est pas une adresse e-mail : écrivez-la sous la forme nom@domaine.
refused-channel = Le canal « { $name } » n’existe plus : rechargez le ticket.
refused-user-name = Indiquez votre nom.
refused-workspace-name = Indiquez le nom de votre entreprise ou de votre équipe d’assistance.

## Dates, times and amounts

month =
    { $month ->
        [1] janv.
        [2] févr.
        [3] mars
        [4] avr.
        [5] mai
        [6] juin
        [7] juil.
        [8] août
        [9] sept.
        [10] oct.
        [11] nov.
       *[12] déc.
    }
day = { $day } { month } { $year }
moment = { $day } { month } { $year }, { $hour }:{ $minute }
moment-utc = { $day } { month } { $year }, { $hour }:{ $minute } UTC
age-now = à l’instant
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count } j
age-weeks = { $count } sem.
age-years =
    { $count ->
        [one] { $count } an
       *[other] { $count } ans
    }
time-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
time-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
time-days =
    { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
size-bytes = { $count } o
size-kilobytes = { $count } Kio
size-megabytes = { $count } Mio
percent = { $percent } %
percent-above = > { $percent } %
percent-below = < { $percent } %
money =
    { $currency ->
        [GBP] { $sign }{ $amount } £
        [EUR] { $sign }{ $amount } €
        [USD] { $sign }{ $amount } $
       *[other] { $sign }{ $amount } { $currency }
    }

## Closed sets of words

status-new = Nouveau
status-open = Ouvert
status-pending = En attente
status-solved = Résolu
priority-low = Basse
priority-normal = Normale
priority-high = Élevée
priority-urgent = Urgente
urgency-low = Faible
urgency-normal = Normale
urgency-high = Élevée
urgency-critical = Critique
sentiment-very-negative = Très négatif
sentiment-negative = Négatif
sentiment-neutral = Neutre
sentiment-positive = Positif
sentiment-very-positive = Très positif
step-answer = Répondre maintenant
step-act = Lancer une action
step-consult = Demander à un collègue
step-ask-customer = Demander au client
step-note = Laisser une note
step-wait = Attendre
by-email = E-mail
by-web = Formulaire web
by-chat = Chat
by-phone = Téléphone
by-api = API
by-slack = Slack
by-teams = Teams
by-child-ticket = Ticket enfant
thread-waiting = En attente d’une réponse
thread-is-answered = Réponse reçue
thread-closed = Terminée
tier-standard = Standard
tier-care-basic = Care Basic
tier-care-plus = Care Plus
tier-business = Business
order-paid = Payée
order-picked = Préparée
order-shipped = Expédiée
order-delivered = Livrée
order-cancelled = Annulée
order-returned = Retournée
order-lost = Perdue
role-light = Agent restreint
role-agent = Agent
role-approver = Approbateur
role-admin = Administrateur
role-auditor = Auditeur
role-service = Service
audience-public = Public
audience-internal = Interne
audience-teams = Réservé à { $teams }
audience-customer = Ce client

## Kinds of what is found in texts

kind-email = E-mail
kind-phone = Téléphone
kind-url = Lien
kind-iban = IBAN
kind-card = Carte
kind-address = Adresse
kind-amount = Montant
kind-date = Date
kind-product = Produit
kind-name = Nom

## Languages, by their ISO 639-1 code

language-ar = arabe
language-cs = tchèque
language-da = danois
language-de = allemand
language-el = grec
language-en = anglais
language-es = espagnol
language-et = estonien
language-fi = finnois
language-fr = français
language-hu = hongrois
language-it = italien
language-ja = japonais
language-ko = coréen
language-lt = lituanien
language-lv = letton
language-nl = néerlandais
language-no = norvégien
language-pl = polonais
language-pt = portugais
language-ro = roumain
language-ru = russe
language-sk = slovaque
language-sl = slovène
language-sv = suédois
language-tr = turc
language-uk = ukrainien
language-zh = chinois

## The knowledge base

knowledge = Connaissances
knowledge-add = Ajouter un document
knowledge-add-go = Ajouter
knowledge-add-help = Il est découpé en passages que les panneaux, la recherche et les questions trouvent et citent. Un document de même identifiant est remplacé.
knowledge-empty = Pas encore de documents
knowledge-empty-help = Ajoutez-en un ici, ou intégrez un dossier entier avec la commande « ingest ».
knowledge-file = Fichier
knowledge-file-help = Markdown, HTML, texte, PDF, DOCX ou e-mail.
knowledge-no-file = Choisissez un fichier.
knowledge-audience = Qui peut le lire
knowledge-audience-help = Les réponses aux clients ne sont rédigées qu’avec ce que tout le monde peut lire.
knowledge-title = Titre
knowledge-title-help = Laissé vide, c’est le titre du document lui-même.
knowledge-id-help = Laissé vide, c’est le nom du fichier.
knowledge-passages = Passages
knowledge-passage-count =
    { $count ->
        [one] { $count } passage
       *[other] { $count } passages
    }
knowledge-pending =
    { $count ->
        [one] { $count } passage attend d’être indexé
       *[other] { $count } passages attendent d’être indexés
    }
knowledge-waits = Pas encore indexé : on ne peut pas le trouver
knowledge-used = Usage
knowledge-use =
    { $shown ->
        [0] Jamais montré
        [one] { $cited ->
            [0] À côté d’un ticket
           *[other] À côté d’un ticket, cité dans sa réponse
        }
       *[other] { $cited ->
            [0] À côté de { $shown } tickets
            [one] À côté de { $shown } tickets, cité dans une réponse
           *[other] À côté de { $shown } tickets, cité dans { $cited } réponses
        }
    }
knowledge-updated = Mis à jour
knowledge-thumbs = Pouces
knowledge-thumbs-count = { $up } vers le haut, { $down } vers le bas
knowledge-as-indexed = Tel qu’il est trouvé et cité
knowledge-shown-beside = Montré à côté de
knowledge-shown-beside-none = Aucun ticket jusqu’ici.
knowledge-delete = Supprimer ce document
knowledge-delete-help = Ses passages ne seront plus trouvés ni cités. Ce qui a été envoyé avec lui reste.
knowledge-gaps = Ce qui manque
knowledge-coverage = Tickets ouverts auxquels un article répond
knowledge-coverage-sum =
    { $tickets ->
        [0] Aucun ticket ouvert n’est assez clair pour le dire.
        [one] { $answered } ticket ouvert sur 1 qui attend une réponse de notre part a un brouillon tiré d’un article que les clients peuvent lire.
       *[other] { $answered ->
            [one] { $answered } ticket ouvert sur { $tickets } qui attendent une réponse de notre part a un brouillon tiré d’un article que les clients peuvent lire.
           *[other] { $answered } tickets ouverts sur { $tickets } qui attendent une réponse de notre part ont un brouillon tiré d’un article que les clients peuvent lire.
        }
    }
knowledge-coverage-help = Les sujets qui ont le plus de tickets sans réponse viennent d’abord : c’est là qu’un article aiderait le plus.
knowledge-matter = Sujet
knowledge-matter-unclear = pas clair
knowledge-answered = Avec réponse
knowledge-answered-of = { $answered } sur { $tickets }
knowledge-unanswered = Questions restées sans réponse
knowledge-unanswered-help = Ce que des agents ont demandé sur un ticket, et que ni le ticket, ni les conversations, ni les articles ne disent.
knowledge-unanswered-none = Aucune question n’est restée sans réponse.
knowledge-most-used = Les plus utilisés
knowledge-most-used-none = Rien n’a encore été montré : les panneaux se préparent, ou il n’y a pas de documents.
knowledge-unused = Jamais montrés
knowledge-unused-help = Aucun ticket ne leur ressemblait. Ils sont peut-être dépassés, ou écrits avec des mots que les clients n’emploient pas.
knowledge-unused-none = Chaque document a été montré au moins une fois.
knowledge-refused = N’ont pas pu être intégrés
knowledge-refused-help = Ils restent ici jusqu’à leur intégration. Le texte en vigueur demeure.
knowledge-refused-none = Tout a pu être intégré.

tour = Une visite en dix minutes
tour-lead = Dix étapes, chacune avec quelque chose à voir et à essayer. Rien n’est envoyé à personne : ce que vous écrivez reste sur cette machine.
tour-no-demo = Les tickets de la visite sont ceux de l’entreprise de démonstration, servie par « backchannel demo ». Sur vos propres tickets, essayez la même chose.
tour-open = Ouvrir
tour-offer = Vous découvrez Backchannel ?
tour-hide = Masquer
tour-inbox = La boîte de réception, lue avant vous
tour-inbox-text = Chaque ticket dit de quoi il s’agit, ce que ressent le client, s’il y a urgence et où il doit aller. Les plus urgents sont ici en tête. Cochez-en quelques-uns pour les corriger ensemble, gardez la liste comme vue, et appuyez sur le point d’interrogation pour voir les touches.
tour-danger = Un danger que personne n’a nommé
tour-danger-text = Le client dit seulement qu’un couvercle ne ferme plus. Une règle du playbook a vu la batterie gonflée : le ticket est urgent, l’article sur la sécurité des batteries vient en premier, et une conversation annexe passée montre ce qui fut décidé. Suivez un numéro derrière une phrase jusqu’aux mots mêmes.
tour-reply = Une première réponse, prête à partir
tour-reply-text = Ce qu’il faut d’abord dire à un tel client est écrit dans le playbook : le brouillon est donc là tout de suite. Insérez-le, modifiez-le, choisissez où va le ticket, et écrivez-le comme réponse. Les autres brouillons sont faits de phrases de vos articles, chacune avec sa source ; quand aucune ne répond à la question, il n’y a pas de brouillon, et le panneau dit pourquoi.
tour-thread = À qui demander, et comment
tour-thread-text = Plus bas, les personnes qui ont répondu à des cas semblables, avec les conversations qui le montrent, le canal et son délai habituel. Le message est écrit : modifiez-le, et choisissez ce qui est joint du ticket. Si des personnes externes devaient le lire, il avertit de ce qui ne doit pas sortir.
tour-loose = Une réponse que le client ne connaît pas
tour-loose-text = Le service des transports a répondu dans la conversation annexe, et personne ne l’a dit au client. Ces points en suspens figurent sur le ticket ; mettez-les de côté pour quatre heures, puis reprenez-les.
tour-ask = Interroger le ticket
tour-ask-text = Demandez « What did finance say about sixty days » dans le champ de droite. La réponse est reprise mot pour mot des conversations annexes, avec son auteur. Quand rien ne s’en approche, elle le dit.
tour-french = Le français aussi
tour-french-text = Un ticket français avec un brouillon français, fait de ce que le playbook dit en français. Passez la console en anglais en haut ; ce que les gens ont écrit reste tel quel.
tour-learn = Lui apprendre
tour-learn-text = Personne ne peut avoir raison d’un ticket d’une ligne. Corrigez son motif ou son orientation : la correction compte aussitôt, et vous pouvez la retirer. Les pouces disent quelles suggestions ont aidé.
tour-gaps = Que rédiger ensuite
tour-gaps-text = Quels tickets aucun article ne couvre, par sujet, quels articles servent, et quelles questions n’ont rien trouvé.
tour-api = La même chose pour vos programmes
tour-api-text = Tout est dans l’API. Créez un jeton sous Administration et envoyez un ticket à POST /v1/triage ; la description de chaque route est ici.

insights = Bilan
insights-from = Du
insights-to = Au
insights-by = Par
insights-show = Afficher
insights-week = Semaine
insights-intent = Motif
insights-channel = Canal
insights-team = Équipe
insights-none = inconnu
insights-empty = Ni ticket ni conversation annexe sur cette période.
insights-per-100 = Conversations annexes pour 100 tickets
insights-per-100-short = Pour 100 tickets
insights-counted =
    { $tickets ->
        [one] { $threads } pour un ticket
       *[other] { $threads } pour { $tickets } tickets
    }
insights-first = Délai médian de première réponse
insights-p90 = neuf fois sur dix en moins de { $time }
insights-avoided = Évitées
insights-avoided-by = par une réponse antérieure : { $reuse }, par un article : { $article }
insights-accepted = Réponses antérieures reprises
insights-suggested = montrées : { $shown }, envoyé quand même : { $sent }
insights-not-relayed = Répondu, pas transmis
insights-now = à cet instant
insights-plot = Conversations annexes pour 100 tickets, semaine par semaine
insights-plot-desc = Une barre par semaine ; le tableau ci-dessous donne les chiffres.
insights-rows = Ligne par ligne
insights-tickets = Tickets
insights-threads = Conversations annexes
insights-median = Première réponse
insights-ninety = Neuf sur dix
insights-avoided-short = Évitées
insights-sent-short = Envoyé quand même
insights-hold-out = Ce que valent les réponses antérieures
insights-hold-out-none = Aucun ticket n’est mis à part. Avec hold_out = 0.1 sous [insights] dans le thresholds.toml du playbook, un ticket sur dix ne reçoit pas de réponse antérieure, et la différence est donnée ici.
insights-hold-out-since = Mis à part : { $share } des tickets, depuis le { $day }.
insights-suggested-arm = Avec réponses antérieures
insights-held-out-arm = Sans
insights-arm = { $with } tickets sur { $tickets } avec une conversation annexe ; { $per } conversations annexes pour 100
insights-avoided-share = Là où des réponses antérieures sont montrées, { $share } % de tickets en moins ont une conversation annexe (intervalle à 95 % : de { $low } à { $high } % en moins).
insights-added-share = Là où des réponses antérieures sont montrées, { $share } % de tickets en plus ont une conversation annexe (intervalle à 95 % : de { $low } à { $high } % en moins).
insights-too-few = Trop peu de tickets pour conclure.
insights-thumbs-title = Avis sur les suggestions
insights-thumbs-none = Personne n’a donné d’avis sur cette période.
insights-thumbs = { $up } pour, { $down } contre
gate-title = La réponse existe déjà
gate-help = Rien n’est encore envoyé. Reprenez une réponse, ou envoyez votre message tel quel.
gate-asked-here = déjà demandé sur ce ticket
gate-changed = Un article sur le même sujet a changé depuis : « { $title } »,
gate-article = Article
gate-source = Source : { $reference }, « { $title } », { $day }
gate-use = Reprendre cette réponse
gate-note = Garder en note interne
gate-yours = Votre message
gate-send = Envoyer quand même
gate-own-words = Une réponse antérieure, telle quelle. Reformulez-la pour le client avant de l’envoyer.
gate-perhaps =
    { $count ->
        [one] Une réponse antérieure pourrait suffire
       *[other] { $count } réponses antérieures pourraient suffire
    }
held-title = À regarder avant l’envoi
held-help = Rien n’est encore envoyé. Modifiez le texte, ou dites que c’est voulu.
held-help-block = Rien n’est encore envoyé. Ce qui est marqué « ne doit pas partir » doit être retiré, ou ceux qui ne doivent pas le lire.
held-block = Ne doit pas partir
held-acknowledge = À regarder
held-hint = Conseil
held-to = Atteindrait { $people }
held-meant = J’ai regardé, et c’est voulu
held-redact = Retirer
held-again = Vérifier de nouveau
held-send = Envoyer
held-redacted = Retiré
held-redacted-help = « […] » se trouve là où il y avait quelque chose. Rien n’est encore envoyé : relisez une fois.
refused-held = Le message est retenu pour ce qu’il contient.
thread-reply = Répondre
thread-reply-text = Votre message
thread-reply-send = Envoyer
thread-close = Clore
thread-reopen = Rouvrir
part-triage = Tri
part-summary = Résumé
part-next-step = Étape suivante
part-passage = Article
part-similar-ticket = Ticket semblable
part-similar-thread = Réponse antérieure
part-expert = À qui demander
part-channel = Où demander
part-draft = Brouillon de conversation annexe
part-reply = Brouillon de réponse
part-loose-end = Fils en suspens
